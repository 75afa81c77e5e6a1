package dev.parley.cli.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The checkout in which this Parley was built. Its script installs the library into the local Maven repository. */
public final class Installation {
    /** The line to print before an installation, because an installation takes long. */
    public static final String NEWS =
            "parley: putting the library into the local Maven repository, which may take some minutes ...";

    private static final String SCRIPT = "scripts/install.sh";

    private final Path checkout;

    private Installation(Path checkout) {
        this.checkout = checkout;
    }

    /**
     * Returns the checkout of the launcher that started this JVM.
     *
     * @throws ProgramException if no launcher started this JVM
     */
    public static Installation ofLauncher() throws ProgramException {
        String home = System.getProperty("parley.home", "");
        if (home.isEmpty() || !Files.exists(Path.of(home, SCRIPT))) {
            throw new ProgramException(
                    "only ./parley of a checkout can put the library into the local Maven repository");
        }
        return new Installation(Path.of(home));
    }

    /**
     * Builds the library and the test kit, and puts them into the local Maven repository. If this fails, the script
     * prints the reason on standard error, in one line or in the compiler's words.
     *
     * @param javadoc whether to install the Javadoc as pages too, in jars of their own
     * @return the exit status: 0 if it succeeded, 2 if the build failed, 3 if something could not be fetched
     */
    public int install(boolean javadoc) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("sh", checkout.resolve(SCRIPT).toString()));
        if (javadoc) {
            command.add("--javadoc");
        }
        var builder = new ProcessBuilder(command);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return builder.start().waitFor();
    }
}
