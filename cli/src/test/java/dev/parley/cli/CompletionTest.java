package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Server;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the Tab key inserts. The scripts of the shells are tested in the shells, in the module of the tests. */
@Timeout(300)
class CompletionTest {
    record Greet(String name) {}

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        err.reset();
        return Parley.run(new Io(InputStream.nullInputStream(), out, err, false), args);
    }

    private List<String> lines(String... words) {
        var args = new String[words.length + 2];
        args[0] = "complete";
        args[1] = "--";
        System.arraycopy(words, 0, args, 2, words.length);
        assertThat(run(args)).isEqualTo(ExitCode.OK);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private List<String> complete(String... words) {
        return lines(words).stream().map(line -> line.split("\t", 2)[0]).toList();
    }

    @Test
    void commandsAreCompleted() {
        assertThat(complete("")).contains("tour", "echo", "call", "completion").doesNotContain("complete", "server");
        assertThat(complete("ec")).containsExactly("echo");
        assertThat(complete("echo", "")).containsExactly("server", "client");
        assertThat(complete("help", "mu")).containsExactly("multi");
        assertThat(complete("help", "multi", "s")).containsExactly("server");
        assertThat(complete("-v", "to")).containsExactly("tour");
        assertThat(complete("no-such-command", "")).isEmpty();
    }

    @Test
    void optionsAreCompletedOnceEachWithWhatTheyMean() {
        assertThat(complete("echo", "client", "--ti")).containsExactly("--timeout=");
        assertThat(complete("echo", "client", "--timeout=1s", "--ti")).isEmpty();
        assertThat(complete("echo", "client", "--timeout", "1s", "--ti")).isEmpty();
        assertThat(complete("call", "tcp://localhost:1", "a", "--header", "a=b", "--hea"))
                .containsExactly("--header=");
        assertThat(complete("echo", "server", "-")).contains("--port-file=", "--help", "--verbose", "--transport=");
        assertThat(lines("wait", "--time")).singleElement().asString().contains("\tHow long to wait at most");
    }

    @Test
    void valuesAreCompletedWhereThereAreFew() {
        assertThat(complete("new", "x", "--kind", "")).containsExactly("rpc", "echo", "line");
        assertThat(complete("new", "x", "--kind=l")).containsExactly("--kind=line");
        assertThat(complete("tour", "--color", "a")).containsExactly("auto", "always");
        assertThat(complete("completion", "")).containsExactly("bash", "zsh", "fish");
        assertThat(complete("wait", "--timeout", "")).isEmpty();
        assertThat(complete("echo", "server", "--transport", "")).containsExactly("nio", "io_uring");
        assertThat(complete("wait", "--transport=i")).containsExactly("--transport=io_uring");
    }

    @Test
    void filesAreLeftToTheShell() {
        assertThat(complete("run", "")).containsExactly(":files");
        assertThat(complete("run", "Hello.java", "--anything", "")).containsExactly(":files");
        assertThat(complete("app", "server", "--data", "")).containsExactly(":files");
        assertThat(complete("app", "server", "--data=se")).containsExactly(":files");
        assertThat(complete("cert", "show", "")).contains(":files");
        assertThat(complete("cert", "show", "tls:")).containsExactly("tls://", ":files");
        assertThat(complete("tour", "--svg", "")).containsExactly(":files");
        assertThat(complete("package", "--out=")).containsExactly(":files");
    }

    /** No shell completes this by itself, because the name does not begin the word. */
    @Test
    void theFileOfAContentIsCompletedAfterItsSign(@TempDir Path directory) throws Exception {
        Files.createDirectory(directory.resolve("dir"));
        Files.createFile(directory.resolve("data.json"));
        Files.createFile(directory.resolve("other"));
        assertThat(complete("call", "tcp://localhost:1", "a", "@" + directory + "/d"))
                .containsExactly("@" + directory + "/data.json", "@" + directory + "/dir/");
        assertThat(complete("call", "tcp://localhost:1", "a", "@/there/is/none"))
                .isEmpty();
        assertThat(complete("call", "tcp://localhost:1", "a", "{")).isEmpty();
    }

    @Test
    void addressesAreCompletedAndTheSocketsThatAreThere(@TempDir Path directory) throws Exception {
        assertThat(complete("echo", "server", "")).contains("tcp://localhost:65432", "unix:");
        assertThat(complete("echo", "client", "tcp://l")).containsExactly("tcp://localhost:65432");
        Files.createDirectory(directory.resolve("sockets"));
        Files.createFile(directory.resolve("socks.txt"));
        Path socket = directory.resolve("sock");
        try (var _ = Server.builder().on("echo", request -> request).listen("unix:" + socket)) {
            assertThat(complete("echo", "client", "unix:" + directory + "/so"))
                    .containsExactly("unix:" + socket, "unix:" + directory + "/sockets/");
        }
        assertThat(complete("echo", "client", "unix:/there/is/none")).isEmpty();
    }

    @Test
    void actionsOfAServerThatIsUpAreCompleted() throws Exception {
        var greet = Action.of("greet", Greet.class, String.class);
        try (var server = Server.builder()
                .on(greet, asked -> asked.name())
                .on("grumble", request -> request)
                .listen("tcp://localhost:0")) {
            String address = server.address().toString();
            assertThat(lines("call", address, "gre")).containsExactly("greet\tgreet(Greet): String");
            assertThat(complete("call", address, "")).containsExactly("greet", "grumble");
            assertThat(complete("call", "--transport", "nio", address, "gru")).containsExactly("grumble");
            assertThat(complete("call", address, "greet", "")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://localhost:1", "not-an-address", "unix:/there/is/none", "mem:x", ""})
    void whereNoServerAnswersThereIsNothingToComplete(String address) {
        assertThat(complete("call", address, "")).isEmpty();
    }

    @Test
    void eachShellHasAScriptAndOthersAnError() {
        for (String shell : List.of("bash", "zsh", "fish")) {
            assertThat(run("completion", shell)).isEqualTo(ExitCode.OK);
            assertThat(out.toString(StandardCharsets.UTF_8)).contains(" complete -- ");
        }
        assertThat(run("completion", "ksh")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("bash, zsh or fish");
    }
}
