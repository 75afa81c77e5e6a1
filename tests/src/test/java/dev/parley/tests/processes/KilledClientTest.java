package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests a client process that is killed in the middle of calls, streams and uploads, again and again: {@code
 * -Dparley.client.kills=25}. Its server notifies every handler, and has all of its places free again.
 */
@Timeout(600)
class KilledClientTest {
    private static final int KILLS = Integer.getInteger("parley.client.kills", 1);
    private static final int WORKS = BusyClient.CONNECTIONS * BusyClient.WORKS;

    /** A build may share its machine with other programs, so a second is asserted only in long runs. */
    private static final Duration LIMIT = Duration.ofSeconds(KILLS > 1 ? 1 : 10);

    private final Programs programs = new Programs();
    private final Census census = new Census();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger pieces = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();

    /** Starts a server with no more places than the client takes: one that stays taken is missed the next time. */
    private Server server(EventLoop loop, Address address) throws Exception {
        return Server.builder()
                .observer(census)
                .limits(MessageLimits.DEFAULT.withInFlightTotalMax(WORKS))
                .on(
                        "wait",
                        (Message request, Exchange exchange) -> work(() -> {
                            try {
                                new CountDownLatch(1).await();
                            } finally {
                                assertThat(exchange.isCancelled()).isTrue();
                            }
                            return request;
                        }))
                .on("pass", request -> {
                    passed.incrementAndGet();
                    return request;
                })
                .onStream(
                        BusyClient.READ,
                        (request, out) -> work(() -> {
                            while (true) {
                                out.send(request);
                                pieces.incrementAndGet();
                            }
                        }))
                .onDuplex(
                        BusyClient.TALK,
                        (in, out, exchange) -> work(() -> {
                            for (Message piece : in) {
                                out.send(piece);
                                pieces.incrementAndGet();
                            }
                            return null;
                        }))
                .onUpload(
                        BusyClient.UPLOAD,
                        in -> work(() -> {
                            InputStream bytes = in.bytes();
                            var piece = new byte[8_192];
                            while (bytes.read(piece) >= 0) {
                                pieces.incrementAndGet();
                            }
                            return Message.text("");
                        }))
                .listen(loop, address);
    }

    /** Runs a handler that ends with the exception that the death of its client causes. */
    private <T> T work(Callable<T> handler) throws Exception {
        running.incrementAndGet();
        try {
            return handler.call();
        } catch (InterruptedException | IOException | UncheckedIOException e) {
            told.incrementAndGet();
            throw e;
        } finally {
            running.decrementAndGet();
        }
    }

    /** Returns the wires. Each costs a process, so a short run takes two of them. */
    static List<Arguments> wires() {
        var all = List.of(
                Arguments.of("nio", "unix"),
                Arguments.of("io_uring", "tcp"),
                Arguments.of("nio", "tcp"),
                Arguments.of("io_uring", "unix"));
        return KILLS > 1 ? all : all.subList(0, 2);
    }

    @ParameterizedTest
    @MethodSource("wires")
    void theServerFreesEverythingAndTellsItsHandlers(String transport, String scheme, @TempDir Path directory)
            throws Exception {
        Address free =
                scheme.equals("unix") ? new Address.Unix(directory.resolve("s")) : Address.parse("tcp://127.0.0.1:0");
        long worstMillis = 0;
        try (EventLoop loop = census.startLoop(EventLoop.builder().transport(Usable.transport(transport)));
                Server server = server(loop, free)) {
            for (int kill = 1; kill <= KILLS; kill++) {
                worstMillis = Math.max(worstMillis, killOne(server, loop));
                assertThat(told).hasValue(kill * WORKS);
                everyPlaceIsFree(server, kill);
            }
        } finally {
            programs.close();
        }
        System.out.printf(
                "promise R6: %s %s: %d kills of a client with %d connections: %d handlers told, all freed within"
                        + " %d ms%n",
                transport, scheme, KILLS, BusyClient.CONNECTIONS, told.get(), worstMillis);
        QuietMachine.assertAtMost("all is freed", LIMIT, TimeUnit.MILLISECONDS.toNanos(worstMillis));
        census.assertNothingLeft();
    }

    private long killOne(Server server, EventLoop loop) throws Exception {
        var client = programs.main(
                List.of(), BusyClient.class, server.addresses().getFirst().toString());
        Await.until("all is under way", () -> running.get() == WORKS || !client.process.isAlive());
        int before = pieces.get();
        Await.until("the streams flow", () -> pieces.get() > before + 1_000 || !client.process.isAlive());
        assertThat(client.process.isAlive()).as(client::errSoFar).isTrue();
        client.process.destroyForcibly();
        assertThat(client.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        long dead = System.nanoTime();
        Await.until(
                "everything is free",
                () -> server.openConnections() == 0
                        && running.get() == 0
                        && census.open() == 0
                        && loop.buffersLent() == 0);
        return Duration.ofNanos(System.nanoTime() - dead).toMillis();
    }

    /** Asserts that as many requests as before run again, and are answered: none is refused for lack of a place. */
    private void everyPlaceIsFree(Server server, int kill) throws Exception {
        try (Client next = Client.builder(server.addresses().getFirst())
                .limits(MessageLimits.DEFAULT.withInFlightMax(WORKS))
                .connect()) {
            List<CompletableFuture<Message>> calls = IntStream.range(0, WORKS)
                    .mapToObj(
                            i -> next.callAsync("pass", Message.text("x"), CallOptions.timeout(Duration.ofSeconds(20)))
                                    .toCompletableFuture())
                    .toList();
            for (CompletableFuture<Message> call : calls) {
                assertThat(call.get().text()).isEqualTo("x");
            }
        }
        assertThat(passed).hasValue(kill * WORKS);
        Await.until("it is gone", () -> server.openConnections() == 0 && census.open() == 0);
    }
}
