package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the commands, run inside this process on streams of the test's. */
@Timeout(300)
class CommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private boolean terminal;

    private int run(String input, OutputStream output, String... args) {
        return Parley.run(
                new Io(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), output, err, terminal), args);
    }

    private int run(String... args) {
        return run("", out, args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** Returns a port that was free a moment ago. */
    private static String freeAddress() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return "tcp://127.0.0.1:" + socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|a command is missing",
                "nonsense|there is no command",
                "help nonsense|there is no command 'nonsense'",
                "ech|there is no command 'ech'; did you mean echo?",
                "tuor|there is no command 'tuor'; did you mean tour?; see",
                "toru|did you mean tour?",
                "instal|did you mean install?",
                "app sevrer|did you mean server?",
                "help tuor|did you mean tour?",
                "wait --timeuot=3s|there is no option '--timeuot=3s'; did you mean --timeout?",
                "app client|ADDRESS, ACTION and VALUE are missing; for example: parley app client tcp://",
                "app client search morpheus|ADDRESS is missing: it goes first, and 'search' is not an address; for example: parley app",
                "echo client hello|it has no scheme; write tcp://host:port, tls://host:port or unix:/path, or mem:name inside one process; for example: parley echo client tcp://",
                "call tcp://localhost:1 x {} y|parley: 'y' is one argument too many; for example: parley call",
                "run|FILE.java is missing; for example: parley run Hello.java; see",
                "new|NAME is missing; for example: parley new hello; see",
                "call tcp://localhost:1 x --header foo|--header is 'foo'; write --header KEY=VALUE; see",
                "--color sometimes tour|--color is 'sometimes'; auto, always or never; see",
                "multi client -n 99999999999|--connections is '99999999999'; it must be at most 2147483647; see",
                "multi client -n=-99999999999|it must be at least -2147483648; see",
                "call tcp://localhost:1 x @|parley: '@' needs the name of a file: @FILE; see",
                "call tcp://localhost:1 x @/dev/zero|the content has more than 67108864 bytes",
                "echo server unix:/tmp/x --socket-group web|--socket-group has no effect if the group may not connect; add --socket-mode 660",
                "echo server unix:/tmp/x --socket-mode 640 --socket-group web|--socket-group has no effect",
                "echo client tls://localhost:1 --tls-password-file p|--tls-password-file has an effect only with --tls-cert",
                "echo client tls://localhost:1 --tls-dev --tls-password-file p|--tls-",
                "tour --width wide|--width is 'wide'; it must be a whole number, such as --width=100; see",
                "app server --loops|--loops needs a value: --loops=N; see",
                "app server --loops=1 --loops=2|--loops is given twice; once is enough; see",
                "wait --timeout 1|--timeout: '1' has no unit; write 1s for seconds, or 1ms, 1m, 1h; see",
                "app server --max-memory 10|--max-memory: '10' has no unit, and 10 bytes are too few; write 10k, 10m or 10g; see",
                "echo server --port 1234|did you mean --port-file?",
                "echo server tcp://127.0.0.1:0 more|one argument too many",
                "echo|choose one: parley echo server or parley echo client",
                "echo client localhost:1|write tcp://localhost:1",
                "echo server tcp://localhost:99999|outside 0 to 65535",
                "echo client mem:x|inside one process",
                "multi client --connections 0|1 to 60000",
                "multi client --connections 1000000|1 to 60000",
                "multi client --connections many|many",
                "multi client --timeout soon|not a duration",
                "multi client --message=|nothing would come back",
                "echo server --max-connections 0|at least 1",
                "multi server --max-connections 0 --show-limits|--max-connections is 0; it must be at least 1",
                "app server --max-connections=-1 --show-limits|--max-connections is -1; it must be at least 1",
                "echo server --max-memory 0 --show-limits|--max-memory is 0; it must be at least 1",
                "app server --loops 0 --show-limits|--loops is 0; it must be from 1 to 1024",
                "app server --max-memory 1.5g|not a size",
                "multi server --max-memory 0|at least 1",
                "echo server unix:/tmp/x --port-file p|has no port",
                "echo server unix:/tmp/x --socket-mode 060|it must let the owner write, such as 660",
                "echo client tcp://*:1 hello|to connect, name a host",
                "multi client tcp://*:1|to connect, name a host",
                "wait tcp://localhost:0|port 0 means any free port",
                "app client tcp://localhost:1 search|VALUE",
                "app server --data /no/such/file|there is no such file",
                "app server --loops 0|1 to 1024",
                "call tcp://localhost:1|ACTION",
                "call tcp://localhost:1 a..b|not an action name",
                "call tcp://localhost:1 x {|not one JSON value: it ends before the value does, at byte 2; a string",
                "call tcp://localhost:1 x @/no/such/file|there is no such file",
                "call tcp://localhost:1 x --header id=7|is not for with"
            })
    void wrongUseIsOneLineAndStatus2(@org.jspecify.annotations.Nullable String line, String expected) {
        String[] args = line == null ? new String[0] : line.split(" ", -1);
        assertThat(run(args)).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains(expected)
                .doesNotContain("\tat ")
                .doesNotContain(
                        "Missing required", "Invalid value", "did you mean tour?; did", "'nonsense'; did you mean");
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version|parley ",
                "help|Usage: parley [",
                "help help|Usage: parley [",
                "help --help|Usage: parley [",
                "--help help|Usage: parley [",
                "help echo|Usage: parley echo [",
                "help echo --help|Usage: parley echo [",
                "echo help client|Usage: parley echo client [",
                "help run Hello.java|Usage: parley run [",
                "help run Hello.java --its-own|Usage: parley run [",
                "-v help echo|Usage: parley echo [",
                "--color never help -v echo client|Usage: parley echo client [",
                "help --color never echo|Usage: parley echo ["
            })
    void whatPeopleTypeForHelpAndTheVersionIsUnderstood(String line, String expected) {
        assertThat(run(line.split(" ", -1))).isZero();
        assertThat(out()).startsWith(expected);
        assertThat(err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo client %s hello", "multi client %s", "app client %s search x"})
    void noServerIsOneLineAndStatus3(String line) throws Exception {
        String address = freeAddress();
        assertThat(run(String.format(line, address).split(" ", -1))).isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
        assertThat(err())
                .contains("cannot connect to " + address)
                .contains("connection refused")
                .contains("is the server started")
                .doesNotContain("\tat ");
    }

    @Test
    void verboseShowsWhereAFailureCameFrom() throws Exception {
        assertThat(run("-v", "echo", "client", freeAddress(), "x")).isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
        assertThat(err()).contains("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo server", "multi server", "app server"})
    void anAddressInUseNamesItsHolder(String command) throws Exception {
        try (var owner = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String line = command + " tcp://127.0.0.1:" + owner.getLocalPort();
            assertThat(run(line.split(" ", -1))).isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
            assertThat(err())
                    .contains("cannot listen on")
                    .contains("already in use")
                    .contains("port 0");
            if (Files.exists(Path.of("/proc/net/tcp"))) {
                assertThat(err())
                        .contains("held by pid " + ProcessHandle.current().pid());
            }
        }
    }

    @Test
    void waitGivesUpWithStatus4() throws Exception {
        assertThat(run("wait", freeAddress(), "--timeout", "3s")).isEqualTo(ExitCode.TIMEOUT);
        assertThat(err())
                .contains("no server accepted a connection")
                .contains("within 3 s")
                .contains("connection refused");
    }

    @Test
    void waitSaysThatAServerAcceptsAndDoesNotSpeakTls() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
            String address = "tls://127.0.0.1:" + silent.getLocalPort();
            assertThat(run("wait", address, "--timeout", "3s")).isEqualTo(ExitCode.TIMEOUT);
            assertThat(err())
                    .contains("no server of TLS answered at " + address + " within 3 s; the last try:")
                    .contains("connected, but no TLS answer");
        }
    }

    /** A label of a name has 63 characters at most, so no name server is asked. */
    @Test
    void aHostThatDoesNotExistSaysSo() {
        assertThat(run("echo", "client", "tcp://" + "x".repeat(64) + ":1", "x"))
                .isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
        assertThat(err()).contains("host not found");
    }

    @Test
    void theTourDrawsAllThreeAndEnds() {
        assertThat(run("tour")).isEqualTo(ExitCode.OK);
        assertThat(out())
                .contains("Iteration 1: echo")
                .contains("Iteration 2: multi")
                .contains("Iteration 3: app")
                .contains("Iteration 3, multiplexed")
                .contains("header length: 103");
        assertThat(out().lines()).allMatch(row -> row.length() <= 80);
        assertThat(err()).isEmpty();
    }

    @Test
    void aClosedOutputIsAnErrorOfOneLine() {
        var full = refusing("No space left on device");
        assertThat(run("", full, "tour")).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).isEqualTo("parley: cannot write to standard output: No space left on device\n");
        err.reset();
        assertThat(run("", full, "--help")).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).hasLineCount(1);
    }

    /** Like {@code head} when it has its lines: other tools are silent then, by SIGPIPE. */
    @ParameterizedTest
    @ValueSource(strings = {"tour", "--help", "--version", "echo server tcp://127.0.0.1:0"})
    void aReaderThatHasGoneIsNoNews(String line) {
        assertThat(run("", refusing("Broken pipe"), line.split(" ", -1))).isEqualTo(ExitCode.READER_GONE);
        assertThat(err()).isEmpty();
    }

    private static OutputStream refusing(String why) {
        return new OutputStream() {
            @Override
            public void write(int ignored) throws IOException {
                throw new IOException(why);
            }
        };
    }

    /** The server that has the port may have written the file. */
    @ParameterizedTest
    @ValueSource(strings = {"echo", "multi", "app"})
    void aServerThatCannotListenLeavesThePortFile(String iteration, @TempDir Path directory) throws Exception {
        try (var other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            Path file = Files.writeString(directory.resolve("port"), other.getLocalPort() + "\n");
            String address = "tcp://127.0.0.1:" + other.getLocalPort();
            assertThat(run(iteration, "server", address, "--port-file", file.toString()))
                    .isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
            assertThat(file).hasContent(other.getLocalPort() + "\n");
        }
    }

    @Test
    void aPortFileThatCannotBeWrittenSaysWhy(@TempDir Path directory) {
        Path file = directory.resolve("missing").resolve("port");
        assertThat(run("echo", "server", "tcp://127.0.0.1:0", "--port-file", file.toString()))
                .isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).contains("cannot write the port file " + file + ": there is no such directory");
        err.reset();
        assertThat(run("echo", "server", "tcp://127.0.0.1:0", "--port-file", directory.toString()))
                .isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).contains("it is a directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo server tcp://127.0.0.1:0 --socket-mode 7",
                "multi server tcp://127.0.0.1:0 --allow-uid x",
                "echo server tls://127.0.0.1:0",
                "app server tcp://127.0.0.1:0 --loops 0",
                "app server tcp://127.0.0.1:0 --cluster nonsense:x"
            })
    void anErrorOfUsageLeavesThePortFileOfARunningServer(String line, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("port"), "65000\n");
        assertThat(run((line + " --port-file " + file).split(" ", -1))).isEqualTo(ExitCode.USAGE);
        assertThat(file).hasContent("65000\n");
    }

    /** If the options were accepted, the user would type for nothing. */
    @Test
    void optionsThatExcludeEachOtherAreRefusedBeforeTheInputIsRead() {
        var in = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("it reads");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                return read();
            }
        };
        String[] line = {"call", "tcp://localhost:1", "x", "-", "--stream", "--one-way"};
        assertThat(Parley.run(new Io(in, out, err, false), line)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--stream and --one-way exclude each other");
    }

    @Test
    void aPortFileOfAnEarlierRunIsGoneBeforeTheServerListens(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("port"), "65000\n");
        Path neighbour = Files.writeString(directory.resolve("port.new"), "mine");
        try (var owner = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            String taken = "tcp://127.0.0.1:" + owner.getLocalPort();
            assertThat(run("echo", "server", taken, "--port-file", file.toString()))
                    .isEqualTo(ExitCode.CANNOT_CONNECT_OR_BIND);
        }
        assertThat(file).doesNotExist();
        assertThat(neighbour).hasContent("mine");
    }

    @Test
    void aPortFileThatIsALinkStaysOne(@TempDir Path directory) throws Exception {
        Path target = Files.createFile(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        OutputStream closed = refusing("Broken pipe"); // ends the server as soon as it listens
        run("", closed, "echo", "server", "tcp://127.0.0.1:0", "--port-file", link.toString());
        assertThat(link).isSymbolicLink();
        assertThat(Files.readString(target)).matches("\\d+\n");
    }

    /**
     * An attacker does this in a directory such as /tmp: both names that can be guessed are links to a file of ours.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPortFileIsNotWrittenThroughALinkOfAnotherUser(boolean beside, @TempDir Path directory) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can make a link of another user's");
        Path precious = Files.writeString(directory.resolve("precious"), "mine");
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.setAttribute(shared, "unix:mode", 01777);
        Path file = shared.resolve("port");
        String guessed = ".parley-port-" + ProcessHandle.current().pid() + "-port";
        Path link = Files.createSymbolicLink(beside ? shared.resolve(guessed) : file, precious);
        Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        int status =
                run("", refusing("Broken pipe"), "echo", "server", "tcp://127.0.0.1:0", "--port-file", file.toString());
        assertThat(precious).hasContent("mine");
        if (beside) {
            assertThat(Files.readString(file)).matches("\\d+\n");
        } else {
            assertThat(status).isEqualTo(ExitCode.ERROR_RESPONSE);
            assertThat(err()).hasLineCount(1).contains("a link that belongs to another user");
        }
        try (Stream<Path> left = Files.list(shared)) {
            assertThat(left).hasSize(beside ? 2 : 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"action\": \"search\", \"value\": \"morpheus\"}|{\"result\": \"Follow the white rabbit. 🐰\"}",
                "{\"action\": \"search\", \"value\": \"ring\"}|{\"result\": \"In the caves beneath the Misty Mountains. 💍\"}",
                "{\"action\": \"search\", \"value\": \"🐶\"}|{\"result\": \"🐾 Playing ball! 🏐\"}",
                "{\"action\": \"search\", \"value\": \"x\"}|{\"result\": \"No match for 'x'.\"}",
                "{\"action\": \"search\", \"value\": \"a\\\"b\\u0001ä\"}|{\"result\": \"No match for 'a\\\"b\\u0001ä'.\"}",
                "{\"action\": \"search\"}|{\"result\": \"No match for 'None'.\"}",
                "{\"action\": \"search\", \"value\": null}|{\"result\": \"No match for 'None'.\"}",
                "{\"action\": \"search\", \"value\": 7}|{\"result\": \"No match for '7'.\"}",
                "{\"action\": \"dance\"}|{\"result\": \"Error: invalid action 'dance'.\"}",
                "{\"value\": \"x\"}|{\"result\": \"Error: invalid action 'None'.\"}",
                "[1]|{\"result\": \"Error: invalid action 'None'.\"}"
            })
    void theApplicationAnswersByteForByte(String request, String response) {
        assertThat(new SearchApp(SearchData.ofTutorial())
                        .handle(Message.json(request))
                        .text())
                .isEqualTo(response);
    }

    @Test
    void aLongValueIsCut() {
        String value = "🐶".repeat(300);
        String request = "{\"action\": \"search\", \"value\": \"" + value + "\"}";
        assertThat(new SearchApp(SearchData.ofTutorial())
                        .handle(Message.json(request))
                        .text())
                .isEqualTo("{\"result\": \"No match for '" + "🐶".repeat(256) + "'.\"}");
    }
}
