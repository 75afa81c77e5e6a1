package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a client reports about its connections, and how it and its server end them in order. */
@Timeout(120)
class ConnectionLifeTest {
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<ClientState.Change> changes = new ConcurrentLinkedQueue<>();

    private Server echo(EventLoop loop, Address address) throws Exception {
        return bed.server().otherwise(request -> request).listen(loop, address);
    }

    // What the client reports.

    @Test
    void aLossAndAFailedAttemptAreToldWithAddressCauseAndDelay() throws Exception {
        EventLoop serverLoop = bed.newLoop();
        Server server = echo(serverLoop, FREE);
        Address address = server.address();
        ManualTicker ticker = bed.ticker();
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .onState(changes::add)
                .start());
        Await.until("it is connected", () -> client.state() == ClientState.READY);
        ticker.advance(Duration.ofSeconds(2)); // a connection that ends younger is not backed off from
        server.close();
        serverLoop.close();
        ClientState.Change lost = next(ClientState.BACKING_OFF);
        assertThat(lost.address()).isEqualTo(address);
        assertThat(lost.cause()).isNotNull();
        assertThat(lost.delay()).isBetween(Duration.ZERO, Duration.ofMillis(1_600));

        client.reconnectNow();
        ClientState.Change failed = next(ClientState.BACKING_OFF);
        assertThat(failed.cause()).isInstanceOf(ConnectFailedException.class);
        assertThat(failed.address()).isEqualTo(address);
    }

    @Test
    void reconnectNowDoesNotWaitForTheNextAttempt() throws Exception {
        EventLoop serverLoop = bed.newLoop();
        Server first = echo(serverLoop, FREE);
        Address address = first.address();
        ManualTicker ticker = bed.ticker(); // stands still: the next attempt would never come
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .onState(changes::add)
                .start());
        Await.until("it is connected", () -> client.state() == ClientState.READY);
        ticker.advance(Duration.ofSeconds(2));
        first.close();
        serverLoop.close();
        next(ClientState.BACKING_OFF);
        bed.keep(echo(bed.newLoop(), address));
        client.reconnectNow();
        Await.until("it is connected again", () -> client.state() == ClientState.READY);
        client.reconnectNow(); // has no effect
        assertThat(client.call(Message.text("there")).text()).isEqualTo("there");
    }

    /** Takes changes until one has this state. */
    private ClientState.Change next(ClientState state) {
        Await.until("it is " + state, () -> changes.stream().anyMatch(change -> change.state() == state));
        while (true) {
            ClientState.Change change = changes.remove();
            if (change.state() == state) {
                return change;
            }
        }
    }

    // The close of a client.

    /**
     * The end of a client's direction alone would end none of these: a server answers a client that half-closes. Its
     * time stands still here, so that no ping finds out either.
     */
    @Test
    void aClosedClientEndsItsQuietStreamsAndCallsAtTheServer() throws Exception {
        int streams = 50;
        var cancelled = new AtomicInteger();
        var hanging = new CountDownLatch(1);
        Server server = bed.keep(bed.server()
                .onStream(COUNT, (n, out, exchange) -> {
                    exchange.onCancel(cancelled::incrementAndGet);
                    out.send(n);
                    new CountDownLatch(1).await();
                })
                .on("hang", (request, exchange) -> {
                    exchange.onCancel(cancelled::incrementAndGet);
                    hanging.countDown();
                    new CountDownLatch(1).await();
                    return request;
                })
                .listen(bed.newLoop(EventLoop.builder().ticker(bed.ticker())), FREE));
        Client client = Client.connect(server.address());
        for (int i = 0; i < streams; i++) {
            assertThat(client.stream(COUNT, i).receive()).isEqualTo(i);
        }
        CompletableFuture<Message> call =
                client.callAsync("hang", Message.text(""), CallOptions.DEFAULT).toCompletableFuture();
        assertThat(hanging.await(60, TimeUnit.SECONDS)).isTrue();
        client.close();
        Await.until("the server has ended them", () -> cancelled.get() == streams + 1);
        assertThat(call).isCompletedExceptionally();
        Await.until("the connection is gone", () -> server.openConnections() == 0);
    }

    // The drain of a client.

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDrainedClientFinishesItsCallsAndTakesNoNewOnes(boolean plain) throws Exception {
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        Server server = bed.listen(bed.server().on("held", request -> {
            running.countDown();
            release.await();
            return Message.json("{\"done\": true}");
        }));
        Client client = bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .plain(plain)
                .start());
        var answer = client.callAsync("held", Message.json("{}"), CallOptions.DEFAULT);
        running.await();
        var drained = new CompletableFuture<Integer>();
        Thread.startVirtualThread(() -> {
            try {
                drained.complete(client.drain(Duration.ofMinutes(1)));
            } catch (InterruptedException e) {
                drained.completeExceptionally(e);
            }
        });
        Await.until("it takes no new calls", () -> refuses(client));
        assertThat(drained).isNotDone();
        release.countDown();
        assertThat(answer.toCompletableFuture().get(60, TimeUnit.SECONDS).text())
                .contains("done");
        assertThat(drained.get(60, TimeUnit.SECONDS)).isZero();
        Await.until("it is closed", () -> client.state() == ClientState.CLOSED);
    }

    private static boolean refuses(Client client) {
        var call = client.callAsync("held", Message.json("{}"), CallOptions.timeout(Duration.ofMillis(50)));
        try {
            call.toCompletableFuture().join();
            return false;
        } catch (CompletionException e) {
            return e.getCause() instanceof ClientClosedException;
        }
    }

    @Test
    void whatIsNotFinishedInTimeIsCountedAndFails() throws Exception {
        var running = new CountDownLatch(3);
        var ticks = Action.of("ticks", Integer.class, Integer.class);
        Server server = bed.listen(bed.server()
                .on("held", request -> {
                    running.countDown();
                    new CountDownLatch(1).await();
                    return request;
                })
                .onStream(ticks, (from, out) -> {
                    running.countDown();
                    new CountDownLatch(1).await();
                }));
        Client client = bed.client(server.address());
        var one = client.callAsync("held", Message.text(""), CallOptions.DEFAULT);
        var other = client.callAsync("held", Message.text(""), CallOptions.DEFAULT);
        var stream = client.stream(ticks, 1);
        running.await();
        assertThat(client.drain(Duration.ofMillis(20))).isEqualTo(3);
        for (var call : List.of(one, other)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> call.toCompletableFuture().get(60, TimeUnit.SECONDS))
                    .withCauseInstanceOf(ClientClosedException.class);
        }
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(stream::receive);
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> client.call(Message.text("")));
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.stream(ticks, 1).receive());
        assertThatIllegalArgumentException().isThrownBy(() -> client.drain(Duration.ofSeconds(-1)));
    }

    @Test
    void anIdleClientIsDrainedAtOnceAndAClosedOneToo() throws Exception {
        Server server = bed.listen(bed.server().otherwise(request -> request));
        Client client = bed.client(server.address());
        assertThat(client.drain(Duration.ofHours(1))).isZero();
        assertThat(client.drain(Duration.ofHours(1))).isZero();
    }

    // The largest age of a connection.

    @Test
    void anOldConnectionIsReplacedAndLosesNothing() throws Exception {
        ManualTicker ticker = bed.ticker();
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(ticker));
        var running = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        Server server = bed.keep(bed.server()
                .limits(MessageLimits.DEFAULT.withConnectionAgeMax(Duration.ofMinutes(10)))
                .on("held", request -> {
                    running.countDown();
                    release.await();
                    return request;
                })
                .onLoop(
                        "id",
                        (request, exchange) ->
                                Message.text(Long.toString(exchange.connection().id())))
                .listen(loop, FREE));
        Client client = bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .onState(changes::add)
                .start());
        String first = client.call("id", Message.text("")).text();
        var held = client.callAsync("held", Message.text("kept"), CallOptions.DEFAULT.withoutTimeout());
        running.await();
        ticker.advance(Duration.ofMinutes(9)); // it is not so old yet
        assertThat(client.call("id", Message.text("")).text()).isEqualTo(first);
        ticker.advance(Duration.ofMinutes(3));
        next(ClientState.DRAINING);
        Await.until("it has another", () -> client.state() == ClientState.READY);
        assertThat(client.call("id", Message.text("")).text()).isNotEqualTo(first);
        release.countDown();
        assertThat(held.toCompletableFuture().get(60, TimeUnit.SECONDS).text()).isEqualTo("kept");
    }
}
