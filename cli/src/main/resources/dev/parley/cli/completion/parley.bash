# Completes the words of parley in bash. 'parley completion bash' prints this script.

_parley() {
    # The words as the program would get them: without quotes and backslashes, and nothing in them is evaluated. Bash
    # has cut them at each colon and equals sign, and keeps what is before the last cut, or before an open quote.
    local rest=${COMP_LINE:0:COMP_POINT} words=() word= begun= quote= cut= before= breaks= char i
    [[ $COMP_WORDBREAKS == *:* ]] && breaks=:
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
    rest=${COMP_WORDS[0]}${rest#*"${COMP_WORDS[0]}"}
    for ((i = 0; i < ${#rest}; i++)); do
        char=${rest:i:1}
        if [[ -z $quote && $char == [[:blank:]] ]]; then
            [[ -n $begun ]] && words+=("$word")
            word= begun= cut=
            continue
        fi
        begun=yes
        if [[ $char == "$quote" ]]; then
            quote= cut=$before
        elif [[ -z $quote && $char == [\'\"] ]]; then
            quote=$char before=$cut cut=$word
        elif [[ $char == \\ && ( -z $quote || $quote == \" && ${rest:i+1:1} == [\\\$\`\"] ) ]]; then
            i=$((i + 1))
            word+=${rest:i:1}
        else
            word+=$char
            [[ -z $quote && -n $breaks && $char == [$breaks] ]] && cut=$word
        fi
    done
    words+=("$word")

    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [[ $word == :files ]]; then
            compopt -o default
        else
            word=${word#"$cut"}
            # The name of a file may have anything in it, and the shell would obey it. Within quotes, it obeys less.
            case $quote in
                "") [[ $word == *[!A-Za-z0-9_./:=@%+,-]* ]] && printf -v word %q "$word" ;;
                \') word=${word//\'/\'\\\'\'} ;;
                # Within double quotes, nothing keeps bash from replacing a "!" by a command of the history.
                *)
                    [[ $word == *!* ]] && continue
                    word=${word//\\/\\\\} word=${word//\"/\\\"} word=${word//\$/\\\$} word=${word//\`/\\\`}
                    ;;
            esac
            COMPREPLY+=("$word")
        fi
    done < <("${words[0]/#\~\//$HOME/}" complete -- "${words[@]:1}" 2>/dev/null)
    # The word goes on after these, so no blank follows.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace
    fi
}

complete -F _parley parley
