package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.transport.SocketOptions;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests whole files both ways, over every transport: the bytes are those of the file, and each file is closed however
 * it ends.
 */
@Timeout(300)
@ParameterizedClass
@ValueSource(strings = {"mem", "nio tcp", "nio unix", "io_uring tcp", "io_uring unix"})
class FileTransferTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The length: several regions, and a part of one. */
    private static final int BYTES = 3_000_017;

    record Named(String path) {}

    record Sum(long bytes, long crc) {}

    private static final Action<Message, Sum> UP = Action.of("up", Message.class, Sum.class);
    private static final Action<Named, Message> DOWN = Action.of("down", Named.class, Message.class);
    private static final Action<Rest, Named> REST = Action.of("rest", Rest.class, Named.class);
    private static final Action<Named, Named> NOW = Action.of("now", Named.class, Named.class);

    record Rest(String name, long offsetBytes) {}

    @Parameter
    String wire = "";

    @TempDir
    private Path directory;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();

    /** Asserts that no file is left open. The bed does this last, when the loops are closed. */
    @BeforeEach
    void noFileIsLeftOpen() {
        bed.keep(() -> Await.until("the files are closed", () -> openFiles().isEmpty()));
    }

    private EventLoop loop() {
        EventLoop.Builder settings = EventLoop.builder()
                .socketOptions(SocketOptions.DEFAULT.withBuffers(0, 32 * 1024)); // so that a region goes in parts
        settings.transport(
                wire.equals("mem") ? MemNetwork.shared() : Usable.transport(wire.substring(0, wire.indexOf(' '))));
        return bed.newLoop(settings);
    }

    private Address free() {
        return switch (wire) {
            case "mem" -> Address.parse("mem:");
            case "nio tcp", "io_uring tcp" -> Address.parse("tcp://127.0.0.1:0");
            default -> new Address.Unix(directory.resolve("s"));
        };
    }

    private Client client() throws IOException {
        Server server = bed.keep(bed.server()
                .onUpload(UP, in -> sum(in.bytes().readAllBytes()))
                .onStream(DOWN, (named, out) -> out.sendFile(Path.of(named.path())))
                .onLoop(NOW, named -> named)
                .listen(loop(), free()));
        return bed.keep(Client.builder(server.address()).loop(loop()).connect());
    }

    /** Returns the files of this test that the process has open; empty if the system does not tell. */
    private List<Path> openFiles() {
        var found = new ArrayList<Path>();
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.exists(descriptors)) {
            return found;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(descriptors)) {
            for (Path descriptor : all) {
                if (Files.isSymbolicLink(descriptor)) {
                    Path target = Files.readSymbolicLink(descriptor);
                    if (target.startsWith(directory)) {
                        found.add(target);
                    }
                }
            }
        } catch (IOException closedMeanwhile) {
            return List.of(descriptors);
        }
        return found;
    }

    private Path file(int bytes) throws IOException {
        var content = new byte[bytes];
        new SplittableRandom(bytes).nextBytes(content);
        return Files.write(directory.resolve("file-" + bytes), content);
    }

    private static Sum sum(byte[] bytes) {
        var crc = new CRC32();
        crc.update(bytes);
        return new Sum(bytes.length, crc.getValue());
    }

    private static Sum sum(Path file) throws IOException {
        return sum(Files.readAllBytes(file));
    }

    @Test
    void whatComesIsWhatWasThere() throws Exception {
        Client client = client();
        for (int bytes : new int[] {0, 1, 64 * 1024, BYTES}) {
            Path file = file(bytes);
            assertThat(client.upload(UP, file, CallOptions.timeout(PATIENCE))).isEqualTo(sum(file));
            try (InStream<Message> down = client.stream(DOWN, new Named(file.toString()))) {
                assertThat(sum(down.bytes().readAllBytes())).isEqualTo(sum(file));
            }
        }
    }

    @Test
    void severalFilesAndCallsShareAConnection() throws Exception {
        Client client = client();
        Path file = file(BYTES);
        Sum expected = sum(file);
        var all = new ArrayList<CompletableFuture<Sum>>();
        for (int i = 0; i < 5; i++) {
            all.add(CompletableFuture.supplyAsync(() -> down(client, file), Thread::startVirtualThread));
            all.add(CompletableFuture.supplyAsync(() -> up(client, file), Thread::startVirtualThread));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(client.call(NOW, new Named("n" + i), CallOptions.timeout(PATIENCE)))
                    .isEqualTo(new Named("n" + i));
        }
        for (CompletableFuture<Sum> each : all) {
            assertThat(each.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
        }
    }

    private static Sum down(Client client, Path file) {
        try (InStream<Message> down = client.stream(DOWN, new Named(file.toString()))) {
            return sum(down.bytes().readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Sum up(Client client, Path file) {
        try {
            return client.upload(UP, file, CallOptions.timeout(PATIENCE));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aReaderThatLeavesLeavesNoFileOpen() throws Exception {
        Client client = client();
        InStream<Message> down = client.stream(DOWN, new Named(file(BYTES).toString()));
        assertThat(down.receive()).isNotNull();
        assertThat(openFiles()).isNotEmpty();
        down.close();
        Await.until("the file is closed", () -> openFiles().isEmpty());
        assertThat(client.call(NOW, new Named("n"), CallOptions.timeout(PATIENCE)))
                .isEqualTo(new Named("n"));
    }

    @Test
    void aConnectionThatBreaksLeavesNoFileOpen() throws Exception {
        Client client = client();
        InStream<Message> down = client.stream(DOWN, new Named(file(BYTES).toString()));
        assertThat(down.receive()).isNotNull();
        client.close();
        Await.until("the file is closed", () -> openFiles().isEmpty());
    }

    /** The peer expects bytes that are not there: its connection cannot go on. */
    @Test
    void aFileThatBecomesShorterEndsTheConnection() throws Exception {
        Client client = client();
        Path file = file(BYTES);
        InStream<Message> down = client.stream(DOWN, new Named(file.toString()));
        assertThat(down.receive()).isNotNull();
        try (FileChannel shorter = FileChannel.open(file, StandardOpenOption.WRITE)) {
            shorter.truncate(100);
        }
        assertThatThrownBy(() -> down.bytes().readAllBytes()).isInstanceOf(IOException.class);
        Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.FAILED));
        assertThat(client.call(NOW, new Named("n"), CallOptions.timeout(PATIENCE)))
                .isEqualTo(new Named("n"));
    }

    @Test
    void anUploadSaysWhatItIsAndGoesOnFromAnOffset() throws Exception {
        Path file = file(300_000);
        byte[] all = Files.readAllBytes(file);
        Server server = bed.keep(bed.server()
                .onUpload(REST, in -> {
                    Rest what = Objects.requireNonNull(in.receive());
                    byte[] rest = in.bytes().readAllBytes();
                    byte[] expected = Arrays.copyOfRange(all, (int) what.offsetBytes(), all.length);
                    return new Named(what.name() + " " + rest.length + " " + Arrays.equals(rest, expected));
                })
                .listen(loop(), free()));
        Client client = bed.keep(Client.builder(server.address()).loop(loop()).connect());
        for (int offset : new int[] {0, 1, 32 * 1024, 299_999, 300_000}) {
            Named told = client.upload(REST, new Rest("a.bin", offset), file, offset, CallOptions.DEFAULT);
            assertThat(told.path()).as("offset %d", offset).isEqualTo("a.bin " + (300_000 - offset) + " true");
        }
        Named told = client.upload(REST, new Rest("b", 0), new ByteArrayInputStream(all), CallOptions.DEFAULT);
        assertThat(told.path()).isEqualTo("b 300000 true");
        for (int offset : new int[] {-1, 300_001}) {
            assertThatThrownBy(() -> client.upload(REST, new Rest("c", 0), file, offset, CallOptions.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offsetBytes is " + offset + "; ")
                    .hasMessageContaining("has 300000");
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws Exception {
        Client client = client();
        Path nowhere = directory.resolve("nowhere");
        assertThatThrownBy(() -> client.upload(UP, nowhere, CallOptions.timeout(PATIENCE)))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nowhere");
        assertThat(client.call(NOW, new Named("n"), CallOptions.timeout(PATIENCE)))
                .isEqualTo(new Named("n"));
    }
}
