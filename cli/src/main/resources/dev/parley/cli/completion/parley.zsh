#compdef parley
# Completes the words of parley in zsh. 'parley completion zsh' prints this script.

_parley() {
    local -a open closed
    local line word about files= program=${(Q)words[1]}
    while IFS= read -r line; do
        word=${line%%$'\t'*}
        about=${line#*$'\t'}
        if [[ $word == :files ]]; then
            files=yes
        elif [[ $word == *[=/:] ]]; then
            open+=("${word//:/\\:}:$about")
        else
            closed+=("${word//:/\\:}:$about")
        fi
    done < <("${program/#\~\//$HOME/}" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    _describe -t words parley closed -- open -S ''
    if [[ -n $files ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        _files
    fi
}

# Either the shell has loaded this file from its fpath, and calls it, or the user has sourced it.
if [[ ${funcstack[1]} == _parley ]]; then
    _parley "$@"
else
    compdef _parley parley
fi
