package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.Action;
import dev.parley.CallFilter;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests drains of a client that meet each other or a close, and calls in a filter that end with their client. */
@Timeout(120)
class ClientDrainTest {
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private Server server;

    @BeforeEach
    void serve() throws Exception {
        server = bed.listen(bed.server().on("held", request -> {
            running.countDown();
            release.await();
            return request;
        }));
    }

    @AfterEach
    void letGo() {
        release.countDown();
    }

    /** Returns when the drain has begun, and its thread waits for the end. */
    private static CompletableFuture<Integer> drain(Client client) {
        var left = new CompletableFuture<Integer>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                left.complete(client.drain(Duration.ofMinutes(2)));
            } catch (Throwable e) {
                left.completeExceptionally(e);
            }
        });
        Await.until("it drains", () -> isWaitingFor(thread, "drain"));
        awaitDraining(client);
        return left;
    }

    private static boolean isWaitingFor(Thread thread, String method) {
        return thread.getState() == Thread.State.WAITING
                && Stream.of(thread.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    private Client holding(EventLoop loop, boolean plain) throws Exception {
        Client client = bed.keep(
                Client.builder(server.address()).loop(loop).plain(plain).start());
        var _ = client.callAsync("held", Message.json("{\"a\": 1}"), CallOptions.DEFAULT.withoutTimeout());
        running.await();
        return client;
    }

    private static void awaitDraining(Client client) {
        Await.until("it drains", () -> {
            CompletableFuture<Message> call = client.callAsync(
                            "none", Message.json("{\"a\": 1}"), CallOptions.timeout(Duration.ofMillis(50)))
                    .toCompletableFuture();
            return call.handle((answer, failure) -> failure).join() instanceof ClientClosedException;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoAtOnceBothEnd(boolean plain) throws Exception {
        Client client = holding(bed.newLoop(), plain);
        CompletableFuture<Integer> one = drain(client);
        CompletableFuture<Integer> other = drain(client);
        release.countDown();
        assertThat(one.get(60, TimeUnit.SECONDS)).isZero();
        assertThat(other.get(60, TimeUnit.SECONDS)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsCutShortSaysSo(boolean plain) throws Exception {
        Client client = holding(bed.newLoop(), plain);
        CompletableFuture<Integer> drain = drain(client);
        client.close();
        assertThat(drain.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsCutShortByItsLoopSaysSo(boolean plain) throws Exception {
        EventLoop loop = bed.newLoop();
        Client client = holding(loop, plain);
        CompletableFuture<Integer> drain = drain(client);
        loop.close();
        assertThat(drain.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    }

    // Calls in a filter.

    private Client neverPassingOn(EventLoop loop, boolean plain) throws Exception {
        CallFilter filter = (request, chain) -> new CompletableFuture<>();
        return bed.keep(Client.builder(server.address())
                .loop(loop)
                .plain(plain)
                .filter(filter)
                .connect());
    }

    private static void assertClosed(CompletableFuture<Message> call) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                .withCauseInstanceOf(ClientClosedException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallInAFilterEndsWithItsClientAndSoDoLaterCalls(boolean plain) throws Exception {
        Client client = neverPassingOn(bed.newLoop(), plain);
        CompletableFuture<Message> call =
                client.callAsync("x", Message.json("{}"), CallOptions.DEFAULT).toCompletableFuture();
        client.close();
        assertClosed(call);
        assertClosed(
                client.callAsync("x", Message.json("{}"), CallOptions.DEFAULT).toCompletableFuture());
    }

    @Test
    void aCallAndAStreamInAFilterEndWithTheirLoop() throws Exception {
        EventLoop loop = bed.newLoop();
        Client client = neverPassingOn(loop, false);
        CompletableFuture<Message> call =
                client.callAsync("x", Message.json("{}"), CallOptions.DEFAULT).toCompletableFuture();
        InStream<Message> stream = client.stream(STREAM, Message.text("x"));
        loop.close();
        assertClosed(call);
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(stream::receive);
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.stream(STREAM, Message.text("x")).receive());
    }
}
