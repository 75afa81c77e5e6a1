package dev.parley.cli;

import dev.parley.cli.program.Installation;
import dev.parley.cli.program.ProgramException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command {@code parley install}: installs the library into the local Maven repository, for the user's own
 * projects.
 */
@Command(
        name = "install",
        description = {
            "Put the library and the test kit into the local Maven repository, for projects of your own,",
            "with their sources, from which an IDE shows the Javadoc.",
            "'parley new' does this by itself. Repeat it after a change of Parley."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley install",
            "",
            "A pom.xml then names dev.parley:parley-messages, and for tests dev.parley:parley-testkit.",
            "Exit status: 0 ok, 1 the library cannot be written, 2 the build failed,",
            "3 something could not be fetched."
        })
final class InstallCommand extends LeafCommand {
    @Option(
            names = "--javadoc",
            description =
                    "Install the Javadoc as pages too, in jars of their own. This takes a minute longer, and needs a"
                            + " checkout: packages do not have them.")
    private boolean javadoc;

    @Override
    public Integer call() throws Exception {
        try {
            var installation = Installation.ofLauncher();
            if (installation.takesLong()) {
                io().errLine(Installation.NEWS);
            }
            int status = installation.install(javadoc);
            if (status == ExitCode.OK) {
                io().outLine("dev.parley:parley-messages, parley-uring, parley-nats and parley-testkit "
                        + Version.number() + " are in the local Maven repository");
            }
            return status;
        } catch (ProgramException e) {
            io().failure(String.valueOf(e.getMessage()), e, false);
            return ExitCode.USAGE;
        }
    }
}
