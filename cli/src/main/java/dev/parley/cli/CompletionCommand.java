package dev.parley.cli;

import dev.parley.cli.completion.Completer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code parley completion}: prints the script that lets a shell complete our commands. */
@Command(
        name = "completion",
        description = {
            "Print a script for your shell, so that the Tab key completes commands, options, files, and the actions"
                    + " of a server that is running.",
            "The Debian package has installed it already."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  source <(parley completion bash)          now, in this bash",
            "  parley completion bash > ~/.local/share/bash-completion/completions/parley",
            "  parley completion zsh > ~/.zfunc/_parley  with ~/.zfunc in fpath, before compinit",
            "  parley completion fish > ~/.config/fish/completions/parley.fish",
            "",
            "Then try:  parley call tcp://localhost:65432 <Tab>",
            "Exit status: 0 ok, 2 for another shell."
        })
final class CompletionCommand extends LeafCommand {
    @Parameters(index = "0", paramLabel = "bash|zsh|fish", description = "The shell.")
    private String shell = "";

    @Override
    public Integer call() throws IOException {
        switch (shell) {
            case "bash", "zsh", "fish" -> print("parley." + shell);
            default -> throw usage("there is no completion for '" + shell + "'; bash, zsh or fish");
        }
        return ExitCode.OK;
    }

    private void print(String resource) throws IOException {
        try (InputStream in = Completer.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("this parley was built without " + resource);
            }
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                io().outLine(line);
            }
        }
    }
}
