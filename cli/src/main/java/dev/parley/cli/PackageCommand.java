package dev.parley.cli;

import dev.parley.cli.program.Checkout;
import dev.parley.cli.program.ProgramException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code parley package}: makes the packages that other machines install. */
@Command(
        name = "package",
        description = {
            "Make packages of this checkout, for machines without it, and print the name of each.",
            "Each is the same to the bit wherever it is made, if the source and the JDK are the same."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley package",
            "  parley package deb --out /tmp",
            "",
            "  image   a .tar.gz that needs no JDK: unpack it, and run the parley in it",
            "  deb     a Debian package of it, with manual pages, completions and units of systemd",
            "  zip     for any JDK 25, with a parley.cmd for Windows",
            "  maven   the library with sources, Javadoc and a list of its parts (CycloneDX)",
            "",
            "Exit status: 0 ok, 2 a tool is missing, or the build failed, 3 something could not be fetched."
        })
final class PackageCommand extends LeafCommand {
    @Parameters(index = "0..*", paramLabel = "image|deb|zip|maven", description = "What to make. Default: everything")
    private List<String> kinds = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "Where to put them. Default: target/packages")
    private @Nullable Path directory;

    @Override
    public Integer call() throws Exception {
        try {
            var arguments = new ArrayList<String>();
            if (directory != null) {
                arguments.addAll(List.of("--out", directory.toAbsolutePath().toString()));
            }
            arguments.addAll(kinds);
            return Checkout.ofLauncher("make packages").run("scripts/package.sh", arguments);
        } catch (ProgramException e) {
            io().failure(String.valueOf(e.getMessage()), e, false);
            return ExitCode.USAGE;
        }
    }
}
