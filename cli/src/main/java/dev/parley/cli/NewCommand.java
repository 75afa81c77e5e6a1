package dev.parley.cli;

import dev.parley.cli.program.Installation;
import dev.parley.cli.program.ProgramException;
import dev.parley.cli.program.Project;
import dev.parley.cli.program.ProjectName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley new}: creates a project from a template. */
@Command(
        name = "new",
        description = {
            "Create a project in a new directory of the current one: a server, a client, a test and a README.",
            "The library goes into the local Maven repository, where the project finds it."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley new hello                 records in, records out",
            "  parley new shout --kind line     a protocol of lines, on the event loop",
            "  parley new mirror --kind echo    plain streams",
            "",
            "Exit status: 0 ok, 1 the project or the library cannot be written, 2 the name is invalid or",
            "taken, or the build failed, 3 a library could not be downloaded."
        })
final class NewCommand extends LeafCommand {
    @Parameters(
            index = "0",
            paramLabel = "NAME",
            description =
                    "Project name: up to 50 ASCII letters and digits, starting with a letter; '-' and '_' may separate parts.")
    private String name = "";

    @Option(
            names = "--kind",
            paramLabel = "rpc|echo|line",
            defaultValue = "rpc",
            description = "Template to start from. Default: ${DEFAULT-VALUE}")
    private String kind = "rpc";

    @Override
    public Integer call() throws IOException, InterruptedException {
        var here = Path.of("");
        try {
            var projectName = ProjectName.of(name);
            var project = new Project(projectName, kind());
            project.checkFree(here);
            var installation = Installation.ofLauncher();
            if (installation.takesLong()) {
                io().errLine(Installation.NEWS);
            }
            int status = installation.install(false);
            if (status != ExitCode.OK) {
                return status;
            }
            project.makeIn(here);
            notifyWhatNext(projectName);
            return ExitCode.OK;
        } catch (ProgramException e) {
            io().failure(String.valueOf(e.getMessage()), e, false);
            return ExitCode.USAGE;
        }
    }

    private Project.Kind kind() {
        try {
            return Project.Kind.valueOf(kind.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw usage("there is no kind '" + kind + "'; rpc, echo or line");
        }
    }

    private void notifyWhatNext(ProjectName made) throws IOException {
        io().outLine("made " + made.text() + "; what next:");
        io().outLine("  cd " + made.text());
        io().outLine("  ./check         # builds it and runs its test");
        io().outLine("  ./run server    # in one terminal");
        io().outLine("  ./run client    # in another");
    }
}
