# Completes the words of parley in bash. 'parley completion bash' prints this script.

_parley() {
    local words=() rest=${COMP_LINE:0:COMP_POINT} word i
    # The words as the user typed them: bash has cut them at each colon and equals sign, without a blank between.
    for ((i = 0; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then
            words+=("$word")
        else
            words[-1]+=$word
        fi
        rest=${rest#*"$word"}
    done
    if [[ $rest == [[:blank:]]* || $rest == "" && ${COMP_LINE:COMP_POINT-1:1} == [[:blank:]] ]]; then
        words+=("${rest##*[[:blank:]]}")
    else
        words[-1]+=$rest
    fi

    local typed=${words[-1]} cut= breaks=
    [[ $COMP_WORDBREAKS == *:* ]] && breaks=:
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
    if [[ -n $breaks && $typed == *[$breaks]* ]]; then
        cut=${typed%"${typed##*[$breaks]}"} # bash keeps this part itself
    fi

    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [[ $word == :files ]]; then
            compopt -o default
        else
            word=${word#"$cut"}
            [[ $word == *[[:blank:]]* ]] && printf -v word %q "$word" # the name of a file
            COMPREPLY+=("$word")
        fi
    done < <("${words[0]/#\~\//$HOME/}" complete -- "${words[@]:1}" 2>/dev/null)
    # The word goes on after these, so no blank follows.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace
    fi
}

complete -F _parley parley
