package dev.parley.cli.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The checkout in which this Parley was built, with its scripts. */
public final class Checkout {
    /** A package has no such file. */
    private static final String BUILD = "scripts/install.sh";

    private final Path directory;

    private Checkout(Path directory) {
        this.directory = directory;
    }

    /** Returns true if the launcher of a checkout has started this JVM, and not that of a package. */
    static boolean isHere() {
        String home = System.getProperty("parley.home", "");
        return !home.isEmpty() && Files.exists(Path.of(home, BUILD));
    }

    /**
     * Returns the checkout of the launcher that started this JVM.
     *
     * @param purpose what the user wants to do with it, for the error
     * @throws ProgramException if this JVM was started otherwise, such as from a package
     */
    public static Checkout ofLauncher(String purpose) throws ProgramException {
        if (!isHere()) {
            throw new ProgramException("only ./parley of a checkout can " + purpose);
        }
        return new Checkout(Path.of(System.getProperty("parley.home", "")));
    }

    /**
     * Runs a script of the checkout, whose output goes where this process's goes. If it fails, it prints the reason on
     * standard error. If this process is ended, the script is ended first.
     *
     * @param script the script's path in the checkout
     * @return the exit status of the script
     */
    public int run(String script, List<String> arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("sh", directory.resolve(script).toString()));
        command.addAll(arguments);
        return Script.run(new ProcessBuilder(command).inheritIO());
    }
}
