package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.tests.bed.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code parley new}, and the projects that it makes: each is built, tested and run as its user would. */
@Timeout(300)
class NewProjectTest {
    @TempDir
    private Path directory;

    private record Result(int status, String out, String err) {}

    private Result run(Path in, List<String> command) throws Exception {
        Path out = directory.resolve(".out");
        Path err = directory.resolve(".err");
        var builder = new ProcessBuilder(command).directory(in.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectOutput(out.toFile()).redirectError(err.toFile());
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(240, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end: " + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Result run(Path in, String... command) throws Exception {
        return run(in, List.of(command));
    }

    /** Runs it as the launcher would, in a checkout whose installation is what the script says. */
    private Result parleyNew(String install, String... args) throws Exception {
        Path checkout = directory.resolve(".checkout");
        Files.createDirectories(checkout.resolve("scripts"));
        Files.writeString(checkout.resolve("scripts/install.sh"), install + "\n");
        var command = new ArrayList<>(ChildJvm.command());
        command.add(1, "-Dparley.home=" + checkout);
        command.add("new");
        command.addAll(List.of(args));
        return run(directory, command);
    }

    private List<String> made() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !List.of(".out", ".err", ".checkout").contains(name))
                    .toList();
        }
    }

    /**
     * Skips the test unless Maven finds the library where {@code ./check} has put it, and everything else where this
     * build did.
     */
    private static void assumeInstalled() {
        Path repository = Path.of(System.getProperty("user.home"), ".m2/repository/dev/parley/parley-testkit");
        assumeTrue(Files.isDirectory(repository), "./check puts the library into the local Maven repository");
    }

    @ParameterizedTest
    @CsvSource({"rpc, Ada, 'Hello, Ada!'", "echo, 'Hello, world', 'Hello, world'", "line, UPPER hello, HELLO"})
    void aProjectBuildsPassesAndRunsInOneCommandEach(String kind, String asked, String answered) throws Exception {
        assumeInstalled();
        Result made = parleyNew("exit 0", "my-" + kind, "--kind", kind);
        assertThat(made.status()).as(made.err()).isZero();
        assertThat(made.out()).startsWith("made my-" + kind + "; what next:\n").contains("./check", "./run server");
        Path project = directory.resolve("my-" + kind);

        Result check = run(project, "./check", "-o");
        assertThat(check.status()).as(check.err()).isZero();
        assertThat(check.out()).matches("check: [23] tests passed\n");

        assertThat(conversation(project, asked)).isEqualTo(answered + "\n");
    }

    private String conversation(Path project, String asked) throws Exception {
        Path listening = directory.resolve(".listening");
        var builder = new ProcessBuilder("./run", "server", "tcp://127.0.0.1:0").directory(project.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process server = builder.redirectError(listening.toFile()).start();
        try (var out = server.inputReader(StandardCharsets.UTF_8)) {
            String first = out.readLine();
            assertThat(first).as(() -> told(listening)).startsWith("listening on ");
            String address = first.substring("listening on ".length());
            assertThat(Address.parse(address)).isNotNull();
            Result client = run(project, "./run", "client", asked, address);
            assertThat(client.status()).as(client.err()).isZero();
            return client.out();
        } finally {
            server.destroy();
            assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String told(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void aProjectThatDoesNotCompileShowsWhatTheCompilerSays() throws Exception {
        assumeInstalled();
        assertThat(parleyNew("exit 0", "broken").status()).isZero();
        Path project = directory.resolve("broken");
        Path server = project.resolve("src/main/java/broken/BrokenServer.java");
        Files.writeString(server, Files.readString(server).replace("greet.name()", "greet.nam()"));
        Result result = run(project, "./run", "server");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err())
                .contains("BrokenServer.java:[", "cannot find symbol")
                .endsWith("parley: the build failed; see above.\n");
    }

    @Test
    void withoutANetworkOneSentenceNamesWhatIsMissing() throws Exception {
        assumeInstalled();
        assertThat(parleyNew("exit 0", "alone").status()).isZero();
        Path project = directory.resolve("alone");
        Path pom = project.resolve("pom.xml");
        Files.writeString(
                pom, Files.readString(pom).replace("junit-jupiter</artifactId>", "no-such-thing</artifactId>"));
        Result result = run(project, "./check", "-o");
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err())
                .hasLineCount(1)
                .startsWith("parley: the build needs org.junit.jupiter:no-such-thing:jar:")
                .contains("is there a network?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1st", "a b", "../up", "a/b", "über", "class", "java", "a--b", "-", "x-"})
    void whatIsNoNameOfAProjectMakesNothing(String name) throws Exception {
        Result result = parleyNew("echo installed >&2", "--", name);
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).startsWith("parley: '" + name + "' is not a name for a project");
        assertThat(made()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsThereAlreadyStaysAsItIs(boolean isDirectory) throws Exception {
        Path there = directory.resolve("taken");
        if (isDirectory) {
            Files.createDirectory(there);
        } else {
            Files.createSymbolicLink(there, Path.of("nowhere"));
        }
        Result result = parleyNew("echo installed >&2", "taken");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("there is a 'taken' here already");
        assertThat(made()).containsExactly("taken");
    }

    @Test
    void anInstallationThatFailsMakesNothingAndGivesItsStatus() throws Exception {
        Result result = parleyNew("echo 'parley: no network' >&2; exit 3", "hello");
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.err()).endsWith("parley: no network\n");
        assertThat(result.out()).isEmpty();
        assertThat(made()).isEmpty();
    }

    @Test
    void anUnknownKindSaysWhichThereAre() throws Exception {
        Result result = parleyNew("exit 0", "hello", "--kind", "web");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).hasLineCount(1).contains("there is no kind 'web'; rpc, echo or line");
        assertThat(made()).isEmpty();
    }
}
