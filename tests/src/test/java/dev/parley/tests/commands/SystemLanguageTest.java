package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Transports;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that another language of the system changes words at most: the same errors, met by a JVM whose C library speaks
 * an unknown language, end in the same problems. The catalog of that language is made here.
 */
@Timeout(120)
class SystemLanguageTest {
    /** The words of errno(3) in the C locale; each is a message of the catalog. */
    private static final List<String> WORDS = List.of(
            "Address already in use",
            "Cannot assign requested address",
            "Connection refused",
            "Network is unreachable",
            "No route to host",
            "Permission denied",
            "Operation not permitted",
            "No such file or directory",
            "Too many open files",
            "Too many open files in system",
            "Resource temporarily unavailable",
            "Connection timed out",
            "Connection reset by peer",
            "Broken pipe",
            "Invalid argument",
            "Not a directory");

    private final Programs programs = new Programs();

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void errorsMeanTheSameInEachLanguage(String transport, @TempDir Path directory) throws Exception {
        Usable.transport(transport);
        Path catalogs = Files.createDirectory(directory.resolve("words"));
        List<String> foreign = speaking(writeCatalog(catalogs));
        String spoken = run(foreign, Spoken.class, List.of());
        assumeTrue(spoken.contains("~"), "this system's C library takes no catalog of ours: " + spoken);
        List<String> meets = List.of(transport, Files.createDirectory(directory.resolve("a")) + "");
        List<String> meetsAgain = List.of(transport, Files.createDirectory(directory.resolve("b")) + "");
        String plain = run(speaking(""), ForeignErrors.class, meets);
        assertThat(plain.lines()).hasSize(10).noneMatch(line -> line.contains("OTHER"));
        assertThat(run(foreign, ForeignErrors.class, meetsAgain)).isEqualTo(plain);
    }

    /** Names of files are in the character set of the locale, which is seldom another than UTF-8 by now. */
    @ParameterizedTest
    @ValueSource(strings = {"ISO-8859-1", "UTF-8"})
    void aPathIsTheSameFileOverEachTransport(String charset, @TempDir Path directory) throws Exception {
        Usable.transport("io_uring");
        var process = programs.mainUnder(
                List.of(), List.of("-Dsun.jnu.encoding=" + charset), Named.class, directory.toString());
        assertThat(process.exitCode()).as("%s", process.err()).isZero();
        assertThat(process.out()).isEqualTo("nio to nio\nnio to io_uring\nio_uring to nio\nio_uring to io_uring\n");
    }

    /** Connects to a Unix socket whose name is not ASCII, over each pair of transports. */
    static final class Named {
        private Named() {}

        public static void main(String[] args) throws IOException {
            for (String from : List.of("nio", "io_uring")) {
                for (String to : List.of("nio", "io_uring")) {
                    Path path = Path.of(args[0], "\u00fc" + from + to);
                    try (EventLoop server = loop(to);
                            EventLoop client = loop(from)) {
                        Address address = server.listen(Address.parse("unix:" + path), (connection, bytes) -> {})
                                .address();
                        Connection.connect(client, address).close();
                        System.out.println(from + " to " + to);
                    }
                }
            }
        }

        private static EventLoop loop(String transport) throws IOException {
            return EventLoop.builder().transport(Transports.named(transport)).start();
        }
    }

    /** If no descriptor is left, no file can be read any more, but the error of accepting still has its cause. */
    @Test
    void aServerWithoutDescriptorsSaysSoInEachLanguage(@TempDir Path directory) throws Exception {
        Path catalogs = Files.createDirectory(directory.resolve("words"));
        List<String> foreign = new ArrayList<>(speaking(writeCatalog(catalogs)));
        assumeTrue(run(foreign, Spoken.class, List.of()).contains("~"), "no catalog of ours is taken here");
        foreign.addAll(List.of("sh", "-c", "ulimit -n 128; exec \"$@\"", "sh"));
        var server = programs.parleyUnder(foreign, "echo", "server", "tcp://127.0.0.1:0", "--transport", "nio");
        Address address = Address.parse(Programs.addressOf(server));
        var peers = new ArrayList<RawPeer>();
        try {
            peers.add(RawPeer.connect(address).send("x"));
            peers.getFirst().receive(1); // so the classes are loaded: from a directory each would need a descriptor
            while (peers.size() < 200) {
                peers.add(RawPeer.connect(address));
            }
            Await.until("it says why it does not accept", () -> server.errSoFar()
                    .contains("too many open files; raise the limit with ulimit -n"));
        } finally {
            for (RawPeer peer : peers) {
                peer.close();
            }
        }
    }

    /** The reader has ended before the command starts: the shell opens a pipe, and closes the end for reading. */
    @Test
    void aReaderThatHasGoneIsNoNewsInEachLanguage(@TempDir Path directory) throws Exception {
        Path catalogs = Files.createDirectory(directory.resolve("words"));
        List<String> foreign = new ArrayList<>(speaking(writeCatalog(catalogs)));
        assumeTrue(run(foreign, Spoken.class, List.of()).contains("~"), "no catalog of ours is taken here");
        String pipe = "mkfifo \"$0\"; exec 3<>\"$0\" 4>\"$0\" 3<&-; exec \"$@\" >&4 4>&-";
        foreign.addAll(List.of("sh", "-c", pipe, directory.resolve("pipe").toString()));
        var help = programs.parleyUnder(foreign, "--help");
        assertThat(help.exitCode()).isEqualTo(141);
        assertThat(help.err()).isEmpty();
    }

    /** Says in its own words that a file is not there. */
    static final class Spoken {
        private Spoken() {}

        public static void main(String[] args) {
            try (var socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.connect(UnixDomainSocketAddress.of("/proc/self/nothing"));
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private String run(List<String> starter, Class<?> main, List<String> args) throws Exception {
        var process = programs.mainUnder(starter, List.of(), main, args.toArray(String[]::new));
        assertThat(process.exitCode()).as("%s", process.err()).isZero();
        return process.out();
    }

    /**
     * Returns the variables with which the C library finds our catalog: it looks below a directory of its own, so our
     * name is relative to that.
     */
    private static List<String> speaking(String language) {
        return List.of("env", "LC_ALL=C.UTF-8", "LANGUAGE=" + language);
    }

    private static String writeCatalog(Path directory) throws IOException {
        Path messages = Files.createDirectories(directory.resolve("LC_MESSAGES"));
        var words = new TreeMap<String, String>();
        words.put("", "Content-Type: text/plain; charset=UTF-8\n");
        for (int i = 0; i < WORDS.size(); i++) {
            words.put(WORDS.get(i), "~" + i + "~");
        }
        Files.write(messages.resolve("libc.mo"), catalog(words));
        return "../../.." + directory.toAbsolutePath();
    }

    /**
     * Returns a catalog in the format of gettext: a head, two tables of lengths and offsets, and the texts, each with a
     * zero behind it.
     */
    private static byte[] catalog(Map<String, String> words) {
        int count = words.size();
        int tables = 28;
        int textsAt = tables + 16 * count;
        var head = ByteBuffer.allocate(textsAt).order(ByteOrder.LITTLE_ENDIAN);
        var texts = new ByteArrayOutputStream();
        head.putInt(0x950412de).putInt(0).putInt(count).putInt(tables).putInt(tables + 8 * count);
        head.putInt(0).putInt(textsAt);
        for (String each : words.keySet()) {
            putText(head, texts, textsAt, each);
        }
        for (String each : words.values()) {
            putText(head, texts, textsAt, each);
        }
        byte[] bytes = new byte[textsAt + texts.size()];
        System.arraycopy(head.array(), 0, bytes, 0, textsAt);
        System.arraycopy(texts.toByteArray(), 0, bytes, textsAt, texts.size());
        return bytes;
    }

    private static void putText(ByteBuffer head, ByteArrayOutputStream texts, int textsAt, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        head.putInt(bytes.length).putInt(textsAt + texts.size());
        texts.writeBytes(bytes);
        texts.write(0);
    }
}
