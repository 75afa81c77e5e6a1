package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a built checkout with the real jars and the real JVM: copied and moved, and with options that make the JVM
 * print. Results alone are on standard output.
 */
@Timeout(900)
class MovedCheckoutTest {
    private static final String VERSION = "parley 0.1.0-SNAPSHOT\n";

    @TempDir
    private static Path directory;

    private static Path built;

    private record Result(int status, String out, String err) {}

    /** Builds as Maven does, and then starts once, which makes the caches. */
    @BeforeAll
    static void build() throws Exception {
        List<Path> jars = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName()
                        .toString()
                        .matches("(parley-(net|uring|messages|cli)|jackson|picocli)-.*jar"))
                .toList();
        assumeTrue(jars.size() >= 7, "the jars are there once 'mvn package' has made them");
        built = Files.createDirectories(directory.resolve("a checkout"));
        for (String module : List.of("net", "uring", "messages", "nats", "cli")) {
            Files.createDirectories(built.resolve(module).resolve("src/main"));
            Files.createFile(built.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(built.resolve("pom.xml"));
        Files.createDirectories(built.resolve("scripts"));
        for (String script : List.of("jdk25.sh", "start.sh")) {
            Files.copy(Path.of("../scripts", script), built.resolve("scripts").resolve(script));
        }
        Files.copy(Path.of("../parley"), built.resolve("parley"));
        Path target = built.resolve("cli/target");
        Path lib = Files.createDirectories(target.resolve("lib"));
        for (Path jar : jars) {
            boolean isCommand = jar.getFileName().toString().startsWith("parley-cli");
            Files.copy(jar, (isCommand ? target : lib).resolve(jar.getFileName()));
        }
        Path mvn = Files.createDirectories(directory.resolve("bin")).resolve("mvn");
        Files.writeString(mvn, "#!/bin/sh\nexit 0\n");
        Files.setPosixFilePermissions(mvn, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(run(built, Map.of(), "--version").out()).isEqualTo(VERSION);
    }

    private static Result run(Path checkout, Map<String, String> environment, String... args) throws Exception {
        Stream<String> command =
                Stream.concat(Stream.of(checkout.resolve("parley").toString()), Stream.of(args));
        return start(environment, command.toArray(String[]::new));
    }

    private static Result start(Map<String, String> environment, String... command) throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().merge("PATH", directory.resolve("bin").toString(), (path, bin) -> bin + ":" + path);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("it did not end: " + Files.readString(err));
        }
        return new Result(process.exitValue(), told(out), told(err));
    }

    private static String told(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private static void copy(Path from, Path to) throws Exception {
        assertThat(new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aCopyAndWhatIsMovedStartAsTheOriginalDoes() throws Exception {
        Path copy = directory.resolve("copy");
        copy(built, copy);
        Path moved = directory.resolve("moved");
        Files.move(copy, moved);
        for (Path checkout : List.of(moved, moved, built)) {
            assertThat(run(checkout, Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
        }
        assertThat(Files.readString(moved.resolve("cli/target/launcher.caches")))
                .startsWith(moved + "\n");
    }

    /** The caches are those of another place, and cannot be made again, so the command starts without them. */
    @Test
    void aCopyThatMayNotBeWrittenStartsToo() throws Exception {
        Path copy = directory.resolve("read-only");
        copy(built, copy);
        assertThat(new ProcessBuilder("chmod", "-R", "a-w", copy.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(run(copy, Map.of(), "--version")).isEqualTo(new Result(0, VERSION, ""));
        assertThat(new ProcessBuilder("chmod", "-R", "u+w", copy.toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Xmx40g",
                "-Xms20m -Xmx100m",
                "-XX:+UseG1GC",
                "-XX:+UseParallelGC",
                "-XX:+UseZGC",
                "-XX:-UseCompressedOops",
                "-XX:+UseCompactObjectHeaders",
                "--add-modules java.sql",
                "--add-opens java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:StartFlightRecording=filename=/dev/null",
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0",
                "-verbose:gc",
                "-Xlog:gc",
                "-Xlog:disable"
            })
    void theJvmDoesNotTalkAmongTheResults(String options) throws Exception {
        Result result = run(built, Map.of("PARLEY_JAVA_OPTS", options), "--version");
        assertThat(result.out()).as(result.err()).isEqualTo(VERSION);
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:NoSuchOption", "-Xmx1k", "-Xmx100g -Xms100g -XX:+AlwaysPreTouch"})
    void aJvmThatCannotStartSaysSoOnStandardError(String options) throws Exception {
        String limited = "ulimit -v 20000000; exec \"$0\" --version";
        Result result = start(
                Map.of("PARLEY_JAVA_OPTS", options),
                "sh",
                "-c",
                limited,
                built.resolve("parley").toString());
        assertThat(result.status()).isNotZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isNotEmpty();
    }
}
