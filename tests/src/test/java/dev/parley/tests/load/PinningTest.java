package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.Usable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that virtual threads wait without holding the thread that carries them, and that ten thousand that wait stop no
 * other.
 */
@Timeout(300)
class PinningTest {
    private static final int HANDLERS = 10_000;
    private static final int CONNECTIONS = 100;
    private static final int CALLERS = 50;
    private static final int CALLS = 40;
    private static final Duration PINNED = Duration.ofMillis(20);
    private static final String EVENT = "jdk.VirtualThreadPinned";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    private static final Action<Message, Message> DOWNLOAD = Action.of("download", Message.class, Message.class);
    private static final Action<Message, Message> TALK = Action.of("talk", Message.class, Message.class);

    private final Census census = new Census();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final CountDownLatch wasCut = new CountDownLatch(1);
    private final AtomicInteger blocked = new AtomicInteger();

    private Server server(EventLoop loop) throws Exception {
        return Server.builder()
                .observer(census)
                .limits(MessageLimits.DEFAULT.withInFlightTotalMax(2 * HANDLERS))
                .on("wait", request -> {
                    blocked.incrementAndGet();
                    gate.await();
                    return request;
                })
                .on("echo", request -> request)
                .onUpload(
                        UPLOAD,
                        in -> Message.text(Long.toString(in.bytes().transferTo(OutputStream.nullOutputStream()))))
                .onStream(DOWNLOAD, (request, out) -> {
                    try (OutputStream bytes = out.bytes()) {
                        bytes.write(new byte[500_000]);
                    }
                })
                .onDuplex(TALK, (in, out, exchange) -> {
                    try {
                        for (Message piece : in) {
                            out.send(piece);
                        }
                    } catch (UncheckedIOException e) {
                        wasCut.countDown();
                        throw e;
                    }
                })
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void nothingPinsACarrierAndBlockedHandlersStopNoOther(String transport, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("pinned.jfr");
        long acceptMillis;
        try (var recording = new Recording()) {
            recording.enable(EVENT).withThreshold(PINNED).withStackTrace();
            acceptMillis = load(transport, recording);
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> pinned;
        try (Stream<RecordedEvent> observer = RecordingFile.readAllEvents(file).stream()) {
            pinned = observer.filter(event -> event.getEventType().getName().equals(EVENT))
                    .toList();
        }
        System.out.printf(
                "promise C9: %s: %d virtual threads pinned for more than %d ms; a new client is answered after %d ms beside"
                        + " %d blocked handlers%n",
                transport, pinned.size(), PINNED.toMillis(), acceptMillis, HANDLERS);
        assertThat(pinned).isEmpty();
        census.assertNothingLeft();
    }

    /**
     * An action that runs for the first time loads and links classes, and threads that meet there hold their carriers:
     * so each thing is done once before, a stream that its caller cuts too.
     */
    private long load(String transport, Recording recording) throws Exception {
        EventLoop.Builder settings = EventLoop.builder().transport(Usable.transport(transport));
        try (EventLoop serverLoop = census.startLoop(settings);
                EventLoop clientLoop = census.startLoop(settings);
                Server server = server(serverLoop)) {
            var clients = new ArrayList<Client>();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(Client.builder(server.address()).loop(clientLoop).connect());
            }
            each(clients.getFirst());
            cut(clients.getFirst());
            recording.start();
            var waiting = new ArrayList<CompletableFuture<Message>>();
            for (int i = 0; i < HANDLERS; i++) {
                waiting.add(clients.get(i % CONNECTIONS)
                        .callAsync("wait", Message.text("x"), CallOptions.timeout(PATIENCE))
                        .toCompletableFuture());
            }
            Await.until("all handlers are blocked", () -> blocked.get() == HANDLERS);
            long began = System.nanoTime();
            try (Client newcomer =
                    Client.builder(server.address()).loop(clientLoop).connect()) {
                assertThat(newcomer.call("echo", Message.text("new")).text()).isEqualTo("new");
                long acceptMillis = (System.nanoTime() - began) / 1_000_000;
                work(newcomer);
                gate.countDown();
                for (CompletableFuture<Message> call : waiting) {
                    assertThat(call.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).text())
                            .isEqualTo("x");
                }
                return acceptMillis;
            } finally {
                gate.countDown();
                clients.forEach(Client::close);
            }
        }
    }

    private void cut(Client client) throws Exception {
        try (Duplex<Message, Message> both = client.duplex(TALK)) {
            both.send(Message.text("y"));
            both.receive();
        }
        assertThat(wasCut.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Calls that wait, and streams in each direction, from many virtual threads. */
    private static void work(Client client) throws Exception {
        var callers = new ArrayList<CompletableFuture<Boolean>>();
        for (int i = 0; i < CALLERS; i++) {
            var done = new CompletableFuture<Boolean>();
            callers.add(done);
            Thread.startVirtualThread(() -> {
                try {
                    each(client);
                    done.complete(true);
                } catch (IOException | RuntimeException | AssertionError e) {
                    done.completeExceptionally(e);
                }
            });
        }
        for (CompletableFuture<Boolean> caller : callers) {
            assertThat(caller.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void each(Client client) throws IOException {
        for (int i = 0; i < CALLS; i++) {
            assertThat(client.call("echo", Message.text("x"), CallOptions.timeout(PATIENCE))
                            .text())
                    .isEqualTo("x");
        }
        assertThat(client.upload(UPLOAD, new ByteArrayInputStream(new byte[300_000]), CallOptions.timeout(PATIENCE))
                        .text())
                .isEqualTo("300000");
        try (InStream<Message> download = client.stream(DOWNLOAD, Message.text(""))) {
            assertThat(download.bytes().readAllBytes()).hasSize(500_000);
        }
        try (Duplex<Message, Message> both = client.duplex(TALK)) {
            for (int i = 0; i < CALLS; i++) {
                both.send(Message.text("y"));
                both.receive();
            }
            both.end();
        }
    }
}
