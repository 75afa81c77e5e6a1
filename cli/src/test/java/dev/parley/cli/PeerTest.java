package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.Server;
import dev.parley.cli.terminal.Terminal;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.names.CharacterSets;
import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the clients print about servers that do not do what they should, and about input that cannot be read. */
@Timeout(300)
class PeerTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private @Nullable Listener listener;

    private interface Conversation {
        void hold(Connection connection) throws IOException;
    }

    private String server(Conversation conversation) throws IOException {
        close();
        Listener opened = Listener.open(EventLoop.builder(), Address.parse("tcp://127.0.0.1:0"));
        listener = opened;
        Thread.ofVirtual().start(() -> {
            try {
                opened.serve(conversation::hold);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return opened.address().toString();
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.close();
        }
    }

    private int run(InputStream input, boolean terminal, String... args) {
        return Parley.run(new Io(input, out, err, terminal), args);
    }

    private int run(String... args) {
        return run(InputStream.nullInputStream(), false, args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static void echoSome(Connection connection) throws IOException {
        connection.out().write(connection.in().readNBytes(2));
    }

    private static final byte[] ALERT = {0x15, 3, 3, 0, 2, 2, 40};

    /** Its answer is an alert, which is not text, and not what was sent. */
    @Test
    void aServerOfTlsIsRecognizedByItsAlert() throws Exception {
        String at = server(connection -> {
            connection.in().readNBytes(2);
            connection.out().write(ALERT);
        });
        assertThat(run("echo", "client", at, "Hello, world")).isEqualTo(ExitCode.PROTOCOL);
        assertThat(run("multi", "client", at, "-n", "1")).isEqualTo(ExitCode.PROTOCOL);
        assertThat(out()).doesNotContain("\\u0015").contains("1 connection: 0 complete");
        assertThat(err()).isEqualTo("""
                parley: the server speaks TLS: connect to its tls:// address
                parley: 1 failed: the server speaks TLS: connect to its tls:// address
                """);
    }

    @Test
    void bytesLikeAnAlertComeBackFromAnEchoServer() throws Exception {
        String at = server(connection -> connection.in().transferTo(connection.out()));
        byte[] sent = "\u0015\u0003\u0003\u0000\u0002\u0002(x".getBytes(StandardCharsets.US_ASCII);
        assertThat(run(new ByteArrayInputStream(sent), false, "echo", "client", at))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toByteArray()).isEqualTo(sent);
    }

    /** Standard input stays open, like that of a terminal: the command must not wait for it. */
    @Test
    void aServerThatGoesEndsTheEchoClientAtOnce() throws Exception {
        String address = server(PeerTest::echoSome);
        try (var typing = new PipedOutputStream();
                var input = new PipedInputStream(typing)) {
            typing.write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(run(input, false, "echo", "client", address)).isEqualTo(ExitCode.PROTOCOL);
        }
        assertThat(err()).hasLineCount(1).contains("2 of 5 bytes came back");
    }

    @Test
    void aSilentServerEndsTheEchoClientAfterItsTimeoutWhateverTheInputDoes() throws Exception {
        String address = server(connection -> connection.in().readAllBytes());
        try (var typing = new PipedOutputStream();
                var input = new PipedInputStream(typing)) {
            typing.write('x');
            assertThat(run(input, false, "echo", "client", address, "--timeout", "100ms"))
                    .isEqualTo(ExitCode.TIMEOUT);
        }
        assertThat(err()).hasLineCount(1).contains(address).contains("no byte was sent or received for 100 ms");
    }

    @Test
    void anInputThatCannotBeReadSaysSo() throws Exception {
        String address = server(connection -> connection.in().transferTo(connection.out()));
        var unreadable = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("Is a directory");
            }
        };
        assertThat(run(unreadable, false, "echo", "client", address)).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).isEqualTo("parley: cannot read standard input: Is a directory\n");
    }

    @Test
    void aServerThatIsNoEchoServerIsFoundOut() throws Exception {
        String address =
                server(connection -> connection.out().write(connection.in().readAllBytes().length));
        assertThat(run("echo", "client", address, "hello")).isEqualTo(ExitCode.PROTOCOL);
        assertThat(err()).hasLineCount(1).contains("1 of 5 bytes").contains("is it an echo server?");
    }

    @Test
    void theReportOfManyConnectionsSaysWhyTheyFailed() throws Exception {
        String address = server(PeerTest::echoSome);
        assertThat(run("multi", "client", address, "-n", "2", "-m", "hello", "--json"))
                .isEqualTo(ExitCode.PROTOCOL);
        assertThat(out()).contains("\"failed\": 2").contains("\"failures\": {\"not all bytes came back: ");
    }

    private static byte[] bytes(Message message) {
        ByteBuffer frame = FrameWriter.write(message.frame());
        var bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    private String answering(Message response) throws IOException {
        return server(connection -> {
            connection.in().read();
            connection.out().write(bytes(response));
        });
    }

    /** The sequence ESC ] renames a window, and can do worse. */
    @Test
    void whatThePeerWroteCannotCommandTheTerminal() throws Exception {
        String address = answering(Message.json("{\"result\": \"\\u001b]0;owned\\u0007\"}"));
        assertThat(run(InputStream.nullInputStream(), true, "app", "client", address, "search", "x"))
                .isZero();
        assertThat(out()).isEqualTo("\\u001b]0;owned\\u0007\n");
        out.reset();
        assertThat(run("app", "client", address, "search", "x")).isZero();
        assertThat(out()).isEqualTo("\u001b]0;owned\u0007\n");
    }

    /**
     * The same holds on a terminal for bytes that are printed as they arrive, in pieces that cut characters. A pipe
     * gets all bytes.
     */
    @Test
    void bytesOfThePeersCannotCommandTheTerminalEither() throws Exception {
        byte[] hostile = "ä\u001b]0;owned\u0007\r🐰".getBytes(StandardCharsets.UTF_8);
        String shown = "ä\\u001b]0;owned\\u0007\\u000d🐰\n";
        String why =
                "parley: control characters are shown escaped on a terminal; a file or a pipe gets all bytes unchanged\n";
        try (Server server =
                Server.builder().on("x", _ -> Message.binary("a/b", hostile)).listen("tcp://127.0.0.1:0")) {
            String address = server.address().toString();
            assertThat(run(InputStream.nullInputStream(), true, "call", address, "x", "--raw"))
                    .isZero();
            assertThat(out()).isEqualTo(shown);
            assertThat(err()).isEqualTo(why);
            out.reset();
            assertThat(run("call", address, "x", "--raw")).isZero();
            assertThat(out.toByteArray()).isEqualTo(hostile);
        }
        out.reset();
        err.reset();
        String echo = server(connection -> {
            for (byte one : connection.in().readAllBytes()) {
                connection.out().write(one);
            }
        });
        assertThat(run(new ByteArrayInputStream(hostile), true, "echo", "client", echo))
                .isZero();
        assertThat(out()).isEqualTo(shown);
        assertThat(err()).isEqualTo(why);
    }

    /** Both outputs are shown on one screen. */
    @Test
    void whatIsToldBesideAnUnfinishedLineBeginsOnALineOfItsOwn() throws Exception {
        String address = server(connection -> connection.in().transferTo(connection.out()));
        var screen = new ByteArrayOutputStream();
        Io io = new Io(InputStream.nullInputStream(), screen, screen, Terminal.plain(true), Terminal.plain(true));
        assertThat(Parley.run(io, "-v", "echo", "client", address, "Hello")).isZero();
        List<String> lines = screen.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).contains("Hello").allMatch(line -> line.equals("Hello") || line.startsWith("parley: "));
    }

    /**
     * Starts the tutorial's server, which answers a request that names its action, and ends the connection. Returns its
     * address.
     */
    private String ofTutorial(List<String> asked) throws IOException {
        return server(connection -> {
            Message request = received(connection);
            asked.add(request.text());
            connection.out().write(bytes(Message.json("{\"result\": \"pong\"}")));
        });
    }

    private static Message received(Connection connection) throws IOException {
        byte[] header = connection
                .in()
                .readNBytes(ByteBuffer.wrap(connection.in().readNBytes(2)).getShort());
        var length = Pattern.compile("\"content-length\": ?(\\d+)").matcher(new String(header, StandardCharsets.UTF_8));
        assertThat(length.find()).isTrue();
        return Message.json(
                new String(connection.in().readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8));
    }

    @Test
    void anActionWithoutContentIsAskedOfThePlainServerToo() throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        assertThat(run("call", ofTutorial(asked), "ping")).isZero();
        assertThat(out()).isEqualTo("{\"result\": \"pong\"}\n");
        assertThat(asked).last().isEqualTo("{\"action\": \"ping\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1]|a JSON object",
                "{\"action\": \"pong\"}|names no other action",
                "{}|--stream",
                "{}|--one-way"
            })
    void whatThePlainServerCannotBeAskedIsAMistakeOfThisSide(String content) throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        String[] parts = content.split("\\|", 2);
        var args = new ArrayList<>(List.of("call", ofTutorial(asked), "ping", parts[0]));
        boolean isOption = parts[1].startsWith("--");
        if (isOption) {
            args.add(parts[1]);
        }
        assertThat(run(args.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
        assertThat(err())
                .contains("speaks only the tutorial's plain messages: ")
                .contains(isOption ? "neither streams nor requests without an answer" : parts[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"app client", "call"})
    void verboseShowsARequestWithItsAnswerInALine(String command) throws Exception {
        String[] words = command.split(" ");
        String address = answering(Message.json("{\"result\": \"x\"}").with("x-evil", "\u001b[31m"));
        var args = new ArrayList<>(List.of("-v"));
        args.addAll(List.of(words));
        args.addAll(List.of(address, "search", words.length == 2 ? "ring" : "{\"value\": \"ring\"}"));
        assertThat(run(args.toArray(String[]::new))).isZero();
        assertThat(err().lines())
                .anyMatch(line -> line.matches("parley: connection \\d+: search to tcp://127.0.0.1:\\d+, 37 bytes of"
                        + " text/json: ok, 15 bytes of text/json, .* ms"));
    }

    /** The server of the tutorial has only the action search, and says so in a response like each other. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"result\": \"Error: invalid action 'parley.actions'.\"}", "[]", "{\"actions\": 7}", "{"})
    void aServerThatDoesNotTellItsActionsIsNotSaidToHaveNone(String response) throws Exception {
        String address = answering(Message.json(response));
        for (List<String> more : List.of(List.<String>of(), List.of("--json"))) {
            err.reset();
            var words = new ArrayList<>(List.of("actions", address));
            words.addAll(more);
            assertThat(run(words.toArray(String[]::new))).isEqualTo(ExitCode.ERROR_RESPONSE);
            assertThat(err()).hasLineCount(1).contains(address + " does not tell its actions");
            assertThat(out()).isEmpty();
        }
    }

    @Test
    void anErrorOfThePeersCannotCommandTheTerminalEither() throws Exception {
        Message refusal = Message.json("{\"result\": \"\\u001b[2J\"}").with("status", "\u001b[31m");
        String address = answering(refusal);
        assertThat(run("app", "client", address, "search", "x")).isEqualTo(ExitCode.ERROR_RESPONSE);
        assertThat(err()).contains("\\u001b[31m").contains("\\u001b[2J").doesNotContain("\u001b");
    }

    @Test
    void anEchoServerIsNoApplication() throws Exception {
        String address = server(connection -> connection.in().transferTo(connection.out()));
        assertThat(run("app", "client", address, "search", "x")).isEqualTo(ExitCode.PROTOCOL);
        assertThat(out()).isEmpty();
        assertThat(err()).contains("it seems to be an echo server");
    }

    @Test
    void contentThatIsNotWhatItSaysIsAnError() throws Exception {
        String address = answering(Message.json("{\"result\": "));
        assertThat(run("app", "client", address, "search", "x", "--json")).isEqualTo(ExitCode.PROTOCOL);
        assertThat(err()).contains("is not JSON, although its type is");
    }

    private static Message jsonIn(String encoding, byte[] content) {
        var header = new Header("little", Message.TEXT_JSON, encoding, content.length, Header.NO_ID, Map.of());
        return Message.of(new Frame(header, content));
    }

    /** The output is UTF-8, whatever the character set of the answer is. */
    @Test
    void callPrintsJsonOfEachCharacterSet() throws Exception {
        String json = "{\"result\": \"é\"}";
        for (String encoding : List.of("utf-8", "iso-8859-1", "latin_1", "utf-16", "utf-16le", "utf_16_be")) {
            Charset set = Objects.requireNonNull(CharacterSets.named(encoding));
            String address = answering(jsonIn(encoding, json.getBytes(set)));
            out.reset();
            assertThat(run("call", address, "search", "{\"value\": 1}"))
                    .as(encoding)
                    .isZero();
            assertThat(out()).as(encoding).isEqualTo(json + "\n");
            out.reset();
            assertThat(run("call", address, "search", "{\"value\": 1}", "--json"))
                    .isZero();
            assertThat(out()).as(encoding).contains("\"content\": {\"result\":\"é\"}");
        }
    }

    /** The content is printed as it arrived, and the problem is reported after it. */
    @Test
    void callReportsContentThatIsDeclaredAsJsonAndIsNotJson() throws Exception {
        byte[] notUtf8 = {'"', (byte) 0xff, '"'};
        for (String json : List.of("{\"result\": NaN}", "{'result': 1}", "\ufeff{}", "", "{\"result\": \"cut")) {
            String address = answering(jsonIn("utf-8", json.getBytes(StandardCharsets.UTF_8)));
            for (List<String> more : List.of(List.<String>of(), List.of("--json"))) {
                out.reset();
                err.reset();
                var words = new ArrayList<>(List.of("call", address, "search", "{\"value\": 1}"));
                words.addAll(more);
                assertThat(run(words.toArray(String[]::new))).as(json).isEqualTo(ExitCode.PROTOCOL);
                assertThat(err())
                        .as(json)
                        .contains("is not JSON, although its type is")
                        .hasLineCount(1);
                assertThat(out()).contains(more.isEmpty() ? json : "content_text");
            }
        }
        out.reset();
        assertThat(run("call", answering(jsonIn("utf-8", notUtf8)), "search", "{\"value\": 1}"))
                .isEqualTo(ExitCode.PROTOCOL);
        assertThat(out.toByteArray()).isEqualTo(new byte[] {'"', (byte) 0xff, '"', '\n'});
    }

    @Test
    void halfAPairIsPrintedAsItsEscape() throws Exception {
        String address = answering(Message.json("{\"result\": \"\ud83d\"}"));
        assertThat(run("app", "client", address, "search", "x")).isZero();
        assertThat(out()).isEqualTo("\\ud83d\n");
        out.reset();
        assertThat(run("call", address, "search", "{\"value\": 1}", "--json")).isZero();
        assertThat(out()).contains("\"content\": {\"result\":\"\\ud83d\"}");
    }

    @Test
    void anEmptyInputIsNamedAsSuch() {
        assertThat(run("call", "tcp://127.0.0.1:1", "search", "-")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("the input is empty");
    }

    @Test
    void asJsonTheResponseIsThereWithItsHeader() throws Exception {
        List<Message> responses = List.of(
                Message.json("{\"result\": 7}").with("colour", "blue"),
                Message.binary("x/y", new byte[] {0, (byte) 0xff}));
        List<String> expected = List.of("\"content\": {\"result\":7}}\n", "\"content_base64\": \"AP8=\"}\n");
        for (int i = 0; i < responses.size(); i++) {
            out.reset();
            assertThat(run("app", "client", answering(responses.get(i)), "search", "x", "--json"))
                    .isZero();
            assertThat(out())
                    .startsWith("{\"status\": \"ok\", \"header\": {\"byteorder\": ")
                    .contains("\"content-type\": \"" + (i == 0 ? "text/json" : "x/y") + "\"")
                    .endsWith(expected.get(i));
        }
    }
}
