package dev.parley.tests.client;

import static dev.parley.tests.bed.MessagePeer.request;
import static dev.parley.tests.bed.ScriptedServer.answer;
import static dev.parley.tests.bed.ScriptedServer.control;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests which calls a client sends again, how often, and what it says of a call whose outcome it does not know. */
@Timeout(300)
class RetriesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger handled = new AtomicInteger();

    private Address scripted(ScriptedServer.Script script) throws IOException {
        return bed.keep(ScriptedServer.start(script)).address();
    }

    private Address unknown(ScriptedServer.Script script) throws IOException {
        return bed.keep(ScriptedServer.start(MessagePeer::unknown, script)).address();
    }

    private Client of(Address address) throws IOException {
        return bed.keep(Client.builder(address).loop(bed.newLoop()).connect());
    }

    private static Message json() {
        return Message.json("{\"n\": 1}");
    }

    @Test
    void whatWasNotProcessedIsSentAgainTwiceAtMost() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            while (true) {
                Message request = peer.receive();
                peer.send(answer(request, requests.incrementAndGet() == 3 ? "" : "busy"));
            }
        }));
        assertThat(client.call("x", json(), CallOptions.timeout(PATIENCE)).status())
                .isEmpty();
        assertThat(requests).hasValue(3);
        assertThatThrownBy(() -> client.call("x", json(), CallOptions.timeout(PATIENCE)))
                .isInstanceOf(RefusedException.class);
        assertThat(requests).hasValue(6);
    }

    @Test
    void retriesAreATenthOfAllCallsAtMost() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            while (true) {
                requests.incrementAndGet();
                peer.send(answer(peer.receive(), "busy"));
            }
        }));
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> client.call("x", json(), CallOptions.timeout(PATIENCE)))
                    .isInstanceOf(RefusedException.class);
        }
        assertThat(requests.get()).isBetween(100, 100 + 10 + 10 + 1);
    }

    @Test
    void whatMayHaveBeenProcessedIsSentAgainOnlyWithAKey() throws Exception {
        var requests = new AtomicInteger();
        Client client = of(scripted((peer, connection) -> {
            Message request = peer.receive();
            if (requests.incrementAndGet() <= 2) {
                peer.raw.reset();
            } else {
                peer.send(answer(request, ""));
                peer.receive();
            }
        }));
        assertThatThrownBy(() -> client.call("x", json(), CallOptions.timeout(PATIENCE)))
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
                    assertThat(lost.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
                    assertThat(lost.reason()).isEqualTo(CloseReason.RESET);
                });
        Message again = json().with(Header.IDEMPOTENCY_KEY, "k-1");
        assertThat(client.call("x", again, CallOptions.timeout(PATIENCE)).status())
                .isEmpty();
        assertThat(requests).hasValue(3);
    }

    @Test
    void aCallThatWaitsToBeSentAgainEndsWithItsClient() throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(bed.ticker()));
        Address address = scripted((peer, connection) -> {
            while (true) {
                peer.send(answer(peer.receive(), "busy"));
                handled.incrementAndGet();
            }
        });
        Client client = bed.keep(Client.builder(address).loop(loop).connect());
        var call = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        var other = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        Await.until("they were refused", () -> handled.get() == 2);
        assertThat(Await.within(Duration.ofMillis(50), call::isDone)).isFalse();
        client.close();
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS)).hasMessageContaining("the client is closed");
        assertThatThrownBy(() -> other.get(60, TimeUnit.SECONDS)).hasMessageContaining("the client is closed");
        assertThat(call.exceptionNow()).isNotSameAs(other.exceptionNow());
    }

    @Test
    void aCallWithoutATimeLimitIsNotSentAgainToAServerThatIsGone() throws Exception {
        var server = new CompletableFuture<ScriptedServer>();
        server.complete(bed.keep(ScriptedServer.start((peer, connection) -> {
            peer.send(answer(peer.receive(), "busy"));
            server.join().close();
            peer.raw.reset();
        })));
        Client client = of(server.join().address());
        assertThatThrownBy(() -> client.call("x", json(), CallOptions.DEFAULT.withoutTimeout()))
                .isInstanceOf(ConnectFailedException.class);
    }

    @Test
    void aCallThatTimesOutBeforeItIsSentAgainSaysWhyItWasRefused() throws Exception {
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(bed.ticker()));
        Address address = scripted((peer, connection) -> {
            while (true) {
                Message request = peer.receive();
                peer.send(answer(request, "x".equals(request.header().text(Header.ACTION)) ? "busy" : ""));
            }
        });
        Client client =
                bed.keep(Client.builder(address).loop(loop).random(() -> -1L).connect()); // the longest delays
        var call = client.callAsync("x", json(), CallOptions.timeout(Duration.ofMillis(100)))
                .toCompletableFuture();
        client.call("y", json(), CallOptions.DEFAULT.withoutTimeout());
        bed.ticker().advance(Duration.ofMillis(150)); // the delay is nearly 200 ms
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(TimedOutException.class)
                .hasMessageContaining("; it was refused, and would have been sent again: ")
                .hasMessageContaining("busy");
    }

    /** A control has shown who the server is, so the stream was sent before the question was answered. */
    @Test
    void whatWasSentBeforeTheQuestionWasAnsweredIsOfUnknownOutcome() throws Exception {
        Client client = of(unknown((peer, connection) -> {
            peer.receive();
            peer.send(control("ping", 9));
            peer.receive();
            peer.receive();
            peer.raw.reset();
        }));
        var answers = client.stream(Action.of("x", Message.class, Message.class), Message.text(""));
        assertThatThrownBy(answers::receive)
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.outcome())
                        .isEqualTo(CallException.Outcome.UNKNOWN));
    }
}
