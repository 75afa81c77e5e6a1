package dev.parley.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.parley.Client;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.examples.FileDrop.Begin;
import dev.parley.examples.FileDrop.Whole;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class FileDropTest {
    private static final int CHUNK = FileDrop.CHUNK_BYTES;
    private static final long MAX = 4L * CHUNK;

    private final Census census = new Census();

    @TempDir
    private Path folder;

    @TempDir
    private Path home;

    private Server server;
    private Client client;

    @BeforeEach
    void open() throws Exception {
        server = FileDrop.serving(new FileDrop.Folder(folder, MAX))
                .observer(census)
                .listen("tcp://localhost:0");
        client = connected();
    }

    private Client connected() throws IOException {
        return Client.builder(server.address())
                .loop(EventLoop.builder().observer(census))
                .connect();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
        census.assertNothingLeft();
    }

    private Path file(String name, int bytes, int seed) throws IOException {
        var content = new byte[bytes];
        new Random(seed).nextBytes(content);
        Path directory = Files.createDirectories(home.resolve("seed" + seed));
        return Files.write(directory.resolve(name), content);
    }

    private List<String> inFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(call)
                .extracting(RefusedException::applicationCode)
                .isEqualTo(code);
    }

    private static void quietly(long bytes, long ofBytes) {
        assertThat(bytes).isBetween(0L, ofBytes);
    }

    @Test
    void thePageShowsWhatTheDemonstrationPrints() throws Exception {
        assertThat(Demonstration.outputOf(FileDrop::main))
                .isEqualTo(Demonstration.shownOn("file-drop.md", "FileDrop.java"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK})
    void aFileArrivesWhole(int bytes) throws Exception {
        Path file = file("a.bin", bytes, 1);
        long from =
                FileDrop.send(client, file, (at, of) -> assertThat(inFolder()).containsExactly("a.bin.part"));
        assertThat(from).isZero();
        assertThat(inFolder()).containsExactly("a.bin");
        assertThat(folder.resolve("a.bin")).hasSameBinaryContentAs(file);
    }

    @Test
    void aBrokenUploadGoesOnWhereItWas() throws Exception {
        Path file = file("a.bin", 3 * CHUNK + 17, 1);
        var breaking = client;
        assertThatIOException()
                .isThrownBy(() -> FileDrop.send(breaking, file, (at, of) -> {
                    if (at == 2 * CHUNK) {
                        throw new IOException("cut");
                    }
                }));
        client.close();
        server.close(); // the server goes as well; what counts is on the disk
        assertThat(inFolder()).containsExactly("a.bin.part");
        open();
        assertThat(FileDrop.send(client, file, (at, of) -> assertThat(at).isGreaterThanOrEqualTo(2 * CHUNK)))
                .isEqualTo(2 * CHUNK);
        assertThat(folder.resolve("a.bin")).hasSameBinaryContentAs(file);
    }

    @Test
    void whatIsThereOfAnotherFileIsNotBuiltUpon() throws Exception {
        Path mine = file("a.bin", 2 * CHUNK, 1);
        Files.write(folder.resolve("a.bin.part"), Files.readAllBytes(file("a.bin", CHUNK + 1, 2)));
        assertThat(FileDrop.send(client, mine, FileDropTest::quietly)).isZero();
        assertThat(folder.resolve("a.bin")).hasSameBinaryContentAs(mine);

        Path shorter = file("b.bin", 10, 1);
        Files.write(folder.resolve("b.bin.part"), new byte[20]);
        assertThat(FileDrop.send(client, shorter, FileDropTest::quietly)).isZero();
        assertThat(folder.resolve("b.bin")).hasSameBinaryContentAs(shorter);
    }

    @Test
    void whatIsCompleteIsNeverTouchedAgain() throws Exception {
        Path first = file("a.bin", 100, 1);
        FileDrop.send(client, first, FileDropTest::quietly);
        refused("exists", () -> FileDrop.send(client, file("a.bin", 100, 2), FileDropTest::quietly));
        refused("exists", () -> client.call(FileDrop.BEGIN, new Begin("a.bin", true)));
        refused("exists", () -> client.call(FileDrop.CHUNK, chunk("a.bin", "100")));
        assertThat(folder.resolve("a.bin")).hasSameBinaryContentAs(first);
        assertThat(inFolder()).containsExactly("a.bin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                ".bashrc",
                "../a",
                "a/b",
                "/etc/passwd",
                "a\\b",
                "a b",
                "ä",
                "a\n",
                "a\0",
                "x.part"
            })
    void aNameIsNoPath(String name) throws Exception {
        refused("bad-name", () -> client.call(FileDrop.BEGIN, new Begin(name, false)));
        refused("bad-name", () -> client.call(FileDrop.FINISH, new Whole(name, 0, "")));
        refused("bad-name", () -> client.call(FileDrop.CHUNK, chunk(name, "0")));
        assertThat(inFolder()).isEmpty();
    }

    private static Message chunk(String name, String offset) {
        return Message.binary("application/octet-stream", new byte[] {1, 2, 3})
                .with("file-name", name)
                .with("file-offset", offset);
    }

    @Test
    void aChunkGoesWhereItBelongsOrNowhere() throws Exception {
        client.call(FileDrop.BEGIN, new Begin("a", false));
        assertThat(client.call(FileDrop.CHUNK, chunk("a", "0"))).isEqualTo(3);
        refused("wrong-offset", () -> client.call(FileDrop.CHUNK, chunk("a", "0")));
        refused("wrong-offset", () -> client.call(FileDrop.CHUNK, chunk("a", "4")));
        refused("wrong-offset", () -> client.call(FileDrop.CHUNK, chunk("a", "-3")));
        refused(
                "wrong-offset",
                () -> client.call(FileDrop.CHUNK, chunk("a", "3").with("file-offset", 3)));
        assertThat(client.call(FileDrop.CHUNK, chunk("a", "3"))).isEqualTo(6);
        assertThat(folder.resolve("a.part")).hasSize(6);
    }

    @Test
    void aFileIsWhatItsSenderHasOrNothing() throws Exception {
        client.call(FileDrop.BEGIN, new Begin("a", false));
        client.call(FileDrop.CHUNK, chunk("a", "0"));
        refused("incomplete", () -> client.call(FileDrop.FINISH, new Whole("a", 4, "")));
        refused("incomplete", () -> client.call(FileDrop.FINISH, new Whole("b", 0, "")));
        refused("bad-checksum", () -> client.call(FileDrop.FINISH, new Whole("a", 3, "00")));
        assertThat(inFolder()).isEmpty();
    }

    @Test
    void aFileHasABound() throws Exception {
        Path file = file("a.bin", 4 * CHUNK + 1, 1);
        refused("too-large", () -> FileDrop.send(client, file, FileDropTest::quietly));
        assertThat(folder.resolve("a.bin.part")).hasSize(MAX);
    }

    @Test
    void twoWhoSendTheSameNameAreNotMixed() throws Exception {
        Path one = file("a.bin", 4 * CHUNK, 1);
        Path other = file("a.bin", 4 * CHUNK, 2);
        CompletableFuture<Boolean> first =
                CompletableFuture.supplyAsync(() -> arrives(one), Thread::startVirtualThread);
        CompletableFuture<Boolean> second =
                CompletableFuture.supplyAsync(() -> arrives(other), Thread::startVirtualThread);
        assertThat(first.join() && second.join()).isFalse();
        if (first.join() || second.join()) {
            assertThat(folder.resolve("a.bin")).hasSameBinaryContentAs(first.join() ? one : other);
        } else {
            assertThat(inFolder()).doesNotContain("a.bin");
        }
    }

    private boolean arrives(Path file) {
        try (var own = connected()) {
            FileDrop.send(own, file, FileDropTest::quietly);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
