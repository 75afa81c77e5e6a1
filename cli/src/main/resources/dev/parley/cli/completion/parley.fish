# Completes the words of parley in fish. 'parley completion fish' prints this script.

function __parley_words
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in (command $words[1] complete -- $words[2..-1] $typed 2>/dev/null)
        if test $line = :files
            __fish_complete_path $typed
        else
            echo $line
        end
    end
end

complete --command parley --no-files --arguments '(__parley_words)'
