package dev.parley.cli;

import dev.parley.cli.completion.Candidate;
import dev.parley.cli.completion.Completer;
import dev.parley.cli.completion.Completion;
import dev.parley.net.text.SafeText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The command {@code parley complete}, which the scripts of {@link CompletionCommand} call when the user presses Tab.
 * It prints a line for each word that fits: the word, a tab, and what it means. The line {@code :files} says that the
 * shell may complete the name of a file.
 */
@Command(
        name = "complete",
        hidden = true,
        description =
                "Print the words with which a command line can go on; the scripts of 'parley completion' call this.",
        footerHeading = "%nExample:%n",
        footer = {"  parley complete -- echo server --tr", "", "Exit status: 0 ok."})
final class CompleteCommand extends LeafCommand {
    private static final String FILES = ":files";

    @Parameters(index = "0..*", paramLabel = "WORDS", description = "The words after the program, up to the cursor.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Completion completion = Completer.complete(CommandTree.under(new Parley(io())), words);
        for (Candidate candidate : completion.candidates()) {
            if (candidate.text().chars().anyMatch(Character::isISOControl)) {
                continue; // the name of such a file would be a line of its own, and no terminal shows it
            }
            io().outLine(candidate.text() + "\t" + SafeText.text(candidate.description()));
        }
        if (completion.files()) {
            io().outLine(FILES);
        }
        return ExitCode.OK;
    }
}
