package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.CallFilter;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests that a program may react to the end of each call with another call, as often as it likes: the stack does not
 * grow.
 */
@Timeout(120)
class CallsInCallsTest {
    private static final int CALLS = 20_000;
    private static final Action<Message, Message> ACTION = Action.of("x", Message.class, Message.class);
    private static final Address NO_SERVER = Address.parse("tcp://127.0.0.1:1");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final EventLoop loop = bed.newLoop();
    private final CompletableFuture<Integer> done = new CompletableFuture<>();

    /** Makes one call after the other, each in the function that follows the one before. */
    private void repeat(Supplier<CompletionStage<?>> call, int count) {
        if (count == CALLS) {
            done.complete(count);
            return;
        }
        try {
            var _ = call.get().whenComplete((answer, failure) -> {
                if (failure instanceof Error) {
                    done.completeExceptionally(failure);
                }
                repeat(call, count + 1);
            });
        } catch (Throwable thrown) {
            done.completeExceptionally(thrown);
        }
    }

    private void repeatOnLoop(Supplier<CompletionStage<?>> call) {
        loop.execute(() -> repeat(call, 0));
        assertThat(done.join()).isEqualTo(CALLS);
    }

    private ClientBuilder client(Address address) {
        return Client.builder(address).loop(loop);
    }

    private static CompletionStage<?> ask(Client client, CallOptions options) {
        return client.callAsync("x", Message.text("x"), options);
    }

    @Test
    void ifNoServerCanBeReached() {
        Client client = bed.keep(client(NO_SERVER).random(() -> -1L).start());
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        repeatOnLoop(() -> ask(client, CallOptions.DEFAULT));
    }

    @Test
    void ifTheTimeIsOver() throws Exception {
        Client client = bed.keep(client(NO_SERVER).start());
        repeatOnLoop(() -> ask(client, CallOptions.timeout(Duration.ZERO)));
    }

    @Test
    void ifTheTimeIsOverAtOnce() throws Exception {
        Client client = bed.keep(client(NO_SERVER).waitForReady(true).start());
        repeatOnLoop(() -> ask(client, CallOptions.timeout(Duration.ofNanos(1))));
    }

    @Test
    void ifTheClientIsClosed() {
        Client client = client(NO_SERVER).start();
        client.close();
        repeatOnLoop(() -> ask(client, CallOptions.DEFAULT));
    }

    @Test
    void ifTheClientIsDrained() throws Exception {
        Client client = client(NO_SERVER).start();
        assertThat(client.drain(Duration.ZERO)).isZero();
        repeatOnLoop(() -> ask(client, CallOptions.DEFAULT));
    }

    @Test
    void ifAFilterAnswersAtOnce() {
        CallFilter cache = (request, chain) -> CompletableFuture.completedFuture(request);
        Client client = bed.keep(client(NO_SERVER).filter(cache).start());
        repeatOnLoop(() -> ask(client, CallOptions.DEFAULT));
    }

    @Test
    void ifTheHeaderIsTooLong() throws Exception {
        Server server = bed.listen(bed.server().otherwise(request -> request));
        Client client = bed.keep(client(server.address()).connect());
        Message longHeader = Message.text("x");
        for (int i = 0; i < 48; i++) {
            longHeader = longHeader.with("x-" + i, "\"".repeat(1_000)); // each is escaped
        }
        Message tooLong = longHeader;
        repeatOnLoop(() -> client.callAsync("x", tooLong, CallOptions.DEFAULT));
    }

    @Test
    void ifRequestsGetNoAnswer() throws Exception {
        Server server = bed.listen(bed.server().otherwise(request -> request));
        Client client = bed.keep(client(server.address()).connect());
        repeatOnLoop(() -> client.send(ACTION, Message.text("x")));
    }
}
