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
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.ScriptedServer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that a client finds out by pings if a silent server is still there, and answers the pings of the server. */
@Timeout(300)
class ClientLivenessTest {
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
    void aServerThatVanishesIsMissed() throws Exception {
        ManualTicker ticker = bed.ticker();
        EventLoop loop = bed.newLoop(EventLoop.builder().ticker(ticker));
        var pings = new AtomicInteger();
        Address address = scripted((peer, connection) -> {
            while (true) {
                Message next = peer.receive();
                if (next.header().text(Header.CONTROL) == null) {
                    if (next.header().id() == 2) {
                        peer.send(answer(next, ""));
                    }
                } else if (pings.incrementAndGet() == 1) {
                    peer.send(request(0, "x", Message.binary("x", new byte[0]))
                            .going(Direction.RESPONSE, 0)
                            .withProtocolKey(Header.CONTROL, "pong"));
                }
            }
        });
        Client client = bed.keep(Client.builder(address).loop(loop).connect());
        client.call("x", json(), CallOptions.DEFAULT.withoutTimeout());
        var lost = client.callAsync("x", json(), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        ticker.advance(Duration.ofSeconds(31));
        Await.until("it is asked", () -> pings.get() == 1);
        assertThat(Await.within(Duration.ofMillis(50), lost::isDone)).isFalse();
        ticker.advance(Duration.ofSeconds(31));
        Await.until("it is asked again", () -> pings.get() == 2);
        ticker.advance(Duration.ofSeconds(11));
        assertThatThrownBy(() -> lost.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("ping-timeout");
    }

    /** Our direction of such a connection has ended, so no ping can be sent there. */
    @Test
    void aServerThatGoesAwayAndNeverClosesIsGivenUp() throws Exception {
        ManualTicker ticker = bed.ticker();
        var ended = new CompletableFuture<Void>();
        var isGivenUp = new CompletableFuture<Void>();
        Address address = unknown((peer, connection) -> {
            peer.send(answer(peer.receive(), ""));
            peer.send(control("going-away", 0));
            peer.raw.receiveToEnd();
            ended.complete(null);
            isGivenUp.join(); // the connection is closed when this returns
        });
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .start());
        ended.get(60, TimeUnit.SECONDS);
        assertThat(client.state()).isNotEqualTo(ClientState.CLOSED);
        Await.until("it is given up", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return bed.census().closedByReason().containsKey(CloseReason.PING_TIMEOUT);
        });
        isGivenUp.complete(null);
    }

    /** A first call may take longer than the server waits for a word. */
    @Test
    void aPingIsAnsweredBeforeTheFirstAnswerHasCome() throws Exception {
        var pong = new CompletableFuture<Message>();
        Client client = of(unknown((peer, connection) -> {
            Message question = peer.receive();
            peer.send(control("ping", 9));
            pong.complete(peer.receive());
            peer.send(answer(question, ""));
            peer.send(answer(peer.receive(), ""));
            peer.receive();
        }));
        assertThat(client.call("x", json(), CallOptions.timeout(PATIENCE)).status())
                .isEmpty();
        assertThat(pong.join().header().text(Header.CONTROL)).isEqualTo("pong");
        assertThat(pong.join().header().id()).isEqualTo(9);
    }

    /** The question that comes first has no deadline of its own. */
    @Test
    void aServerThatNeverSaysWhoItIsIsGivenUp() throws Exception {
        ManualTicker ticker = bed.ticker();
        Address address = unknown((peer, connection) -> {
            Message question = peer.receive();
            handled.incrementAndGet();
            if (connection > 0) {
                peer.send(answer(question, ""));
                peer.send(answer(peer.receive(), ""));
            }
            peer.raw.receiveToEnd();
        });
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop(EventLoop.builder().ticker(ticker)))
                .start());
        var answers = client.stream(Action.of("x", Message.class, Message.class), Message.text(""));
        Await.until("it was asked", () -> handled.get() == 1);
        ticker.advance(Duration.ofSeconds(41));
        assertThatThrownBy(answers::receive)
                .isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
                    assertThat(lost.reason()).isEqualTo(CloseReason.PING_TIMEOUT);
                    assertThat(lost.outcome()).isEqualTo(CallException.Outcome.NOT_PROCESSED);
                })
                .hasMessageContaining("silent for 40 s");
        assertThatThrownBy(() -> client.call("x", json(), CallOptions.DEFAULT.withoutTimeout()))
                .as("while it backs off")
                .hasMessageContaining("silent for 40 s");
        Await.until("another attempt has succeeded", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return client.state() == ClientState.READY;
        });
        assertThat(client.call("x", json(), CallOptions.DEFAULT.withoutTimeout())
                        .status())
                .isEmpty();
    }
}
