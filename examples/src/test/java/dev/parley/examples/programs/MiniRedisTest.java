package dev.parley.examples.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.Address;
import dev.parley.testkit.RawPeer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class MiniRedisTest {
    private static final String UNKNOWN = "-ERR unknown command, or a wrong number of arguments";

    @TempDir
    private Path folder;

    private static String answers(String address, String commands) throws Exception {
        try (var peer = RawPeer.connect(Address.parse(address))) {
            peer.send(commands).shutdownOutput();
            return new String(peer.receiveToEnd(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String command(String... words) {
        var all = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            all.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return all.toString();
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n";
    }

    @Test
    void valuesOutliveAKill() throws Exception {
        Path file = folder.resolve("changes");
        Program server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0", file.toString());
        try {
            String commands =
                    command("PING") + command("SET", "k", "two\r\nlines") + "GET k\r\nSET n 2\nget n\r\nDEL x\r\n"
                            + command("SET", "gone", "") + command("DEL", "gone") + "FLUSHALL\r\n";
            assertThat(answers(server.address(), commands))
                    .isEqualTo(
                            lines("+PONG", "+OK", "$10", "two", "lines", "+OK", "$1", "2", ":0", "+OK", ":1", UNKNOWN));
            server.kill();
            Files.writeString(file, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9\r\ncut o", StandardOpenOption.APPEND);

            server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0", file.toString());
            String address = server.address();
            assertThat(answers(address, "GET k\r\nGET n\r\nGET gone\r\nSET k new\r\nQUIT\r\nGET k\r\n"))
                    .isEqualTo(lines("$10", "two", "lines", "$1", "2", "$-1", "+OK", "+OK"));
            server.kill();

            server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0", file.toString());
            assertThat(answers(server.address(), "GET k\r\n")).isEqualTo("$3\r\nnew\r\n");
        } finally {
            server.kill();
        }
    }

    @Test
    void aWriteThatWasCutShortIsRefusedAndLosesNoLaterOne() throws Exception {
        Path file = folder.resolve("changes");
        Program server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0", file.toString());
        try {
            String address = server.address();
            assertThat(answers(address, "SET k 1\r\n")).isEqualTo("+OK\r\n");
            server.fileBytesMax(Long.toString(Files.size(file) + 5));
            assertThat(answers(address, "SET k 2\r\nGET k\r\nDEL k\r\nGET k\r\n"))
                    .matches("-ERR [^\r]+\r\n\\$1\r\n1\r\n-ERR [^\r]+\r\n\\$1\r\n1\r\n");
            server.fileBytesMax("unlimited");
            assertThat(answers(address, "SET n 3\r\n")).isEqualTo("+OK\r\n");
            server.kill();

            server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0", file.toString());
            assertThat(answers(server.address(), "GET k\r\nGET n\r\n")).isEqualTo(lines("$1", "1", "$1", "3"));
        } finally {
            server.kill();
        }
    }

    @Test
    void aFileThatIsDamagedInTheMiddleIsNotCutOff() throws Exception {
        String damaged = "SET k 1\r\n*3\r\n$3\r\nSET\r\nSET n 2\r\nSET m 3\r\n";
        Path file = Files.writeString(folder.resolve("changes"), damaged);
        assertThatThrownBy(() -> new MiniRedis(file)).hasMessageContaining("'SET n 2'");
        assertThat(file).hasContent(damaged);
    }

    @Test
    void tooManyQueuedAnswersCloseTheConnectionAndTakeLittleMemory() throws Exception {
        try (Program server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0")) {
            Address address = Address.parse(server.address());
            int valueBytes = 60_000;
            assertThat(answers(address.toString(), command("SET", "k", "x".repeat(valueBytes))))
                    .isEqualTo("+OK\r\n");
            try (var peer = RawPeer.connect(address)) {
                peer.send("GET k\r\n".repeat(9_000));
                assertThat(peer.receiveToEndOrReset()).hasSizeLessThan(4_500 * valueBytes);
            }
            assertThat(answers(address.toString(), "PING\r\n")).isEqualTo("+PONG\r\n");
        }
    }

    @Test
    void whatIsNoCommandIsRefusedAndClosesTheConnection() throws Exception {
        try (Program server = Program.start(MiniRedis.class, "tcp://127.0.0.1:0")) {
            String address = server.address();
            assertThat(answers(address, "*x\r\nPING\r\n")).startsWith("-ERR Protocol error: '*x'");
            assertThat(answers(address, "*1\r\n$9999999\r\n")).startsWith("-ERR Protocol error: '$9999999'");
            assertThat(answers(address, "*99999\r\n")).startsWith("-ERR Protocol error: '*99999'");
            assertThat(answers(address, "*2\r\nPING\r\n")).startsWith("-ERR Protocol error: 'PING'");
            assertThat(answers(address, "x".repeat(2_000_000))).startsWith("-ERR a frame has at most");
            assertThat(answers(address, "PING\r\nPIN"))
                    .isEqualTo("+PONG\r\n-ERR the stream ended inside a frame, after 3 bytes\r\n");
        }
    }
}
