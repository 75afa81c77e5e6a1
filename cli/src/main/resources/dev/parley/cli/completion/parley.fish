# Completes the words of parley in fish. 'parley completion fish' prints this script.

# A word as the program would get it: without quotes and backslashes. A quote may be open, since the word is not complete.
function __parley_unquoted
    for quote in '' \' \"
        string unescape -- "$argv[1]"$quote 2>/dev/null; and return
    end
    string join -- "" "$argv[1]"
end

function __parley_words
    set -l words (commandline -opc)
    set -l typed (__parley_unquoted (commandline -ct))
    set words[1] (string replace -r '^~/' "$HOME/" -- $words[1])
    for line in (command $words[1] complete -- $words[2..-1] "$typed" 2>/dev/null)
        if test $line = :files
            set -l option (string match -r -- '^--[^=]*=' $typed; or echo '')
            for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $typed))
                echo $option$file
            end
        else
            echo $line
        end
    end
end

complete --command parley --no-files --arguments '(__parley_words)'
