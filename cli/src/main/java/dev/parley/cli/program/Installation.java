package dev.parley.cli.program;

import dev.parley.cli.files.FileFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The library for the user's own projects. A checkout builds it; a package has it with it. From either, it goes into
 * the local Maven repository.
 */
public final class Installation {
    /** The line to print before an installation, because an installation takes long. */
    public static final String NEWS =
            "parley: putting the library into the local Maven repository, which may take some minutes ...";

    private static final String SCRIPT = "scripts/install.sh";
    private static final String IN_PACKAGE = "lib/maven";
    private static final String PURPOSE = "put the library into the local Maven repository";

    private final Path home;
    private final boolean isPackage;

    private Installation(Path home, boolean isPackage) {
        this.home = home;
        this.isPackage = isPackage;
    }

    /**
     * Returns the library of the launcher that started this JVM.
     *
     * @throws ProgramException if no launcher started this JVM
     */
    public static Installation ofLauncher() throws ProgramException {
        Path home = Path.of(System.getProperty("parley.home", ""));
        if (!Checkout.isHere() && Files.isDirectory(home.resolve(IN_PACKAGE))) {
            return new Installation(home, true);
        }
        var _ = Checkout.ofLauncher(PURPOSE);
        return new Installation(home, false);
    }

    /** Returns true if the library must be built first, which takes a while. */
    public boolean takesLong() {
        return !isPackage;
    }

    /**
     * Puts the library and the test kit into the local Maven repository; a checkout builds them first. If this fails,
     * the reason is printed on standard error, in one line or in the compiler's words.
     *
     * @param javadoc whether to install the Javadoc as pages too, in jars of their own; a package does not have them
     * @return the exit status: 0 if it succeeded, 2 if the build failed, 3 if something could not be fetched
     * @throws ProgramException if a package has no Javadoc
     * @throws FileFailedException if the library of a package cannot be copied; each file is whole or not there
     */
    public int install(boolean javadoc) throws IOException, InterruptedException, ProgramException {
        if (isPackage && javadoc) {
            throw new ProgramException(
                    "a package has no Javadoc as pages; it installs the sources, in which IDEs find it");
        }
        if (isPackage) {
            copy(home.resolve(IN_PACKAGE), MavenRepository.local(System.getenv()));
            return 0;
        }
        var builder = new ProcessBuilder(Stream.concat(
                        Stream.of("sh", home.resolve(SCRIPT).toString()),
                        javadoc ? Stream.of("--javadoc") : Stream.of())
                .toList());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return Script.run(builder);
    }

    /** Copies each file under another name first, so that a build that runs meanwhile never sees half of one. */
    static void copy(Path from, Path to) throws FileFailedException {
        try (Stream<Path> all = Files.walk(from)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                copyFile(file, to.resolve(from.relativize(file).toString()));
            }
        } catch (UncheckedIOException e) { // of walking
            throw failed(to, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failed(to, e);
        }
    }

    private static void copyFile(Path file, Path target) throws IOException {
        Path directory = Files.createDirectories(target.toAbsolutePath().getParent());
        Path half = Files.createTempFile(directory, ".parley-", "");
        try {
            Files.copy(file, half, StandardCopyOption.REPLACE_EXISTING);
            Files.move(half, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private static FileFailedException failed(Path to, IOException cause) {
        return new FileFailedException("cannot put the library into " + to, cause);
    }
}
