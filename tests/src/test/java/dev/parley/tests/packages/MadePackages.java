package dev.parley.tests.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packages of this checkout, and what runs in them: programs that see nothing of this JVM's environment. */
final class MadePackages {
    static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final int MINUTES = 20;

    private final Path directory;

    private MadePackages(Path directory) {
        this.directory = directory;
    }

    record Result(int status, String out, String err) {}

    /** Starts to make packages of a checkout, with what the script says in files beside them. */
    static Process start(Path checkout, Path directory, String... kinds) throws IOException {
        return making(List.of(), checkout, directory, kinds).start();
    }

    /**
     * Does the same as {@link #start(Path, Path, String...)}, but with one processor, with so little address space that
     * the JVM takes a smaller heap, and with options that this user has for each JVM.
     */
    static Process startAsOnAnotherMachine(Path checkout, Path directory, String... kinds) throws IOException {
        var prefix = new ArrayList<>(List.of("sh", "-c", "ulimit -v 8000000; exec \"$@\"", "sh"));
        if (Usable.isInstalled("taskset")) {
            prefix.addAll(List.of("taskset", "-c", "0"));
        }
        ProcessBuilder builder = making(prefix, checkout, directory, kinds);
        builder.environment().put("JAVA_TOOL_OPTIONS", "-XX:MaxRAM=3g -XX:+UseCompactObjectHeaders");
        return builder.start();
    }

    private static ProcessBuilder making(List<String> prefix, Path checkout, Path directory, String... kinds)
            throws IOException {
        Files.createDirectories(directory);
        var command = new ArrayList<>(prefix);
        command.addAll(List.of("sh", checkout.resolve("scripts/package.sh").toString(), "--out", directory.toString()));
        command.addAll(List.of(kinds));
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectOutput(directory.resolve(".out").toFile());
        builder.redirectError(directory.resolve(".err").toFile());
        return builder;
    }

    static MadePackages await(Process making, Path directory) throws IOException, InterruptedException {
        assertThat(making.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        assertThat(making.exitValue())
                .as(Files.readString(directory.resolve(".err")))
                .isZero();
        return new MadePackages(directory);
    }

    String checksums() throws IOException {
        return Files.readString(directory.resolve("SHA256SUMS"));
    }

    /** Returns the one file whose name ends so. */
    Path file(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> suffix.startsWith("-") || !file.toString().endsWith("-maven.zip"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Starts a process with this environment alone, in a directory. */
    static Process start(Path directory, Map<String, String> environment, String... command) {
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Result run(Path directory, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Process process = start(directory, environment, command);
        process.getOutputStream().close();
        var err = new StringBuilder();
        Thread reading = Thread.ofVirtual().start(() -> err.append(text(process.getErrorStream())));
        String out = text(process.getInputStream());
        reading.join();
        assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).isTrue();
        return new Result(process.exitValue(), out, err.toString());
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the only file in a directory. */
    static Path only(Path parent) throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.findFirst().orElseThrow();
        }
    }

    /** Lets other users, such as the one of a container, pass through a directory and those above it. */
    static void allowAllToEnter(Path path) throws IOException {
        for (Path each = path; each != null; each = each.getParent()) {
            if (Files.isWritable(each) && !each.equals(each.getRoot())) {
                var permissions = Files.getPosixFilePermissions(each);
                permissions.add(PosixFilePermission.OTHERS_EXECUTE);
                Files.setPosixFilePermissions(each, permissions);
            }
        }
    }
}
