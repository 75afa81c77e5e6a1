package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException.Outcome;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that a client asks who it talks to before anything of its user depends on it. */
@Timeout(300)
class PeerDiscoveryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final EventLoop loop = bed.loop();
    private final CountDownLatch slow = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        slow.countDown();
    }

    private Server server() throws IOException {
        return bed.keep(bed.server()
                .on("slow", request -> {
                    slow.await();
                    return request;
                })
                .on("echo", request -> request)
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
    }

    private Client client(Address address, boolean waitForReady) {
        return bed.keep(
                Client.builder(address).loop(loop).waitForReady(waitForReady).start());
    }

    private static Message json() {
        return Message.json("{\"k\":1}");
    }

    @Test
    void aFirstCallThatIsSlowTimesOutOrIsCancelledHoldsUpNoOtherAndCostsNoConnection() throws Exception {
        Server server = server();
        Client client = client(server.address(), false);
        var first =
                client.callAsync("slow", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        assertThat(client.call("echo", json(), CallOptions.timeout(PATIENCE)).text())
                .isEqualTo("{\"k\":1}");
        assertThatThrownBy(() -> client.call("slow", json(), CallOptions.timeout(Duration.ofMillis(50))))
                .isInstanceOfSatisfying(
                        TimedOutException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
        client.callAsync("slow", json(), CallOptions.timeout(PATIENCE))
                .toCompletableFuture()
                .cancel(true);
        assertThat(client.call("echo", json(), CallOptions.timeout(PATIENCE)).text())
                .isEqualTo("{\"k\":1}");
        assertThat(first).isNotDone();
        slow.countDown();
        assertThat(first.join().text()).isEqualTo("{\"k\":1}");
        assertThat(server.openConnections()).isEqualTo(1);
        assertThat(client.state()).isEqualTo(ClientState.READY);
    }

    @Test
    void aCallWithinACallWithinACallOnANewClientEnds() throws Exception {
        var back = new CompletableFuture<Client>();
        Server server = bed.keep(bed.server()
                .on("one", request -> back.get().call("two", request))
                .on("two", request -> back.get().call("three", request))
                .on("three", request -> request)
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        Client client = client(server.address(), false);
        back.complete(client);
        assertThat(client.call("one", json(), CallOptions.timeout(PATIENCE)).text())
                .isEqualTo("{\"k\":1}");
    }

    /** Such a server may be a proxy that accepts for a server that is away. */
    @Test
    void whatAcceptsAndGoesIsNotReadyAndCallsThatMayWaitDoSo() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        var states = new CopyOnWriteArrayList<ClientState>();
        Client client = bed.keep(Client.builder(RawPeer.addressOf(listening))
                .loop(loop)
                .onState(change -> states.add(change.state()))
                .waitForReady(true)
                .start());
        var call =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        for (int i = 0; i < 3; i++) {
            RawPeer.accept(listening).reset();
        }
        assertThat(states).doesNotContain(ClientState.READY);
        MessagePeer peer = bed.keep(MessagePeer.of(RawPeer.accept(listening)));
        Message request = peer.receive();
        peer.send(request.going(Direction.RESPONSE, request.header().id()));
        assertThat(call.get().text()).isEqualTo("{\"k\":1}");
        assertThat(states).endsWith(ClientState.READY);
    }

    @Test
    void whatAcceptsAndGoesIsToldAtOnceToWhoDoesNotWaitAndNothingWasSent() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = client(RawPeer.addressOf(listening), false);
        var call =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        RawPeer.accept(listening).reset();
        assertThat(failureOf(call)).isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
            assertThat(lost.reason()).isEqualTo(CloseReason.RESET);
            assertThat(lost.outcome()).isEqualTo(Outcome.NOT_PROCESSED);
        });
        assertThatThrownBy(() -> Client.builder(silentEnd()).loop(loop).connect())
                .isInstanceOf(ConnectionLostException.class);
    }

    private Address silentEnd() throws IOException {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Thread.startVirtualThread(() -> {
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.receive(10);
            } catch (IOException | AssertionError gone) {
                return; // the client has seen the end
            }
        });
        return RawPeer.addressOf(listening);
    }

    private static Throwable failureOf(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
            throw new AssertionError("it did not fail");
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        }
    }

    /** Such a peer may be an echo server, or the client itself. */
    @Test
    void aPeerThatSendsTheRequestBackIsToldToEachCallAndGetsNothingOfIt() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = client(RawPeer.addressOf(listening), false);
        var call =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        MessagePeer peer = bed.keep(MessagePeer.unknown(RawPeer.accept(listening)));
        Message question = peer.receive();
        peer.send(question);
        assertThat(failureOf(call)).isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
            assertThat(lost).hasMessageContaining("did an echo server send our request back?");
            assertThat(lost.reason()).isEqualTo(CloseReason.PROTOCOL);
            assertThat(lost.outcome()).isEqualTo(Outcome.NOT_PROCESSED);
        });
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        Await.until("it backs off", () -> client.state() == ClientState.BACKING_OFF);
        assertThatThrownBy(() -> client.call("echo", json(), CallOptions.timeout(PATIENCE)))
                .isInstanceOf(ConnectionLostException.class)
                .hasMessageContaining("echo server");
    }

    @Test
    void aTimeOutBeforeTheAnswerSaysThatNothingWasSent() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = client(RawPeer.addressOf(listening), false);
        bed.keep(RawPeer.accept(listening));
        assertThatThrownBy(() -> client.call("echo", json(), CallOptions.timeout(Duration.ofMillis(50))))
                .isInstanceOfSatisfying(
                        TimedOutException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED))
                .hasMessageContaining("has not identified itself");
    }

    /** A message that comes unasked is never an answer, neither of a full server nor of a plain one. */
    @Test
    void aServerThatSpeaksUnaskedIsNotBelieved() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = client(RawPeer.addressOf(listening), false);
        var call =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        MessagePeer peer = bed.keep(MessagePeer.unknown(RawPeer.accept(listening)));
        peer.send(Message.json("{\"result\": \"hello\"}"));
        peer.receive();
        peer.send(Message.json("{\"result\": \"Error: invalid action\"}"));
        assertThat(failureOf(call)).isInstanceOfSatisfying(ConnectionLostException.class, lost -> {
            assertThat(lost).hasMessageContaining("it sends messages that do not answer a request");
            assertThat(lost.reason()).isEqualTo(CloseReason.PROTOCOL);
        });
        Client plain = bed.keep(Client.builder(RawPeer.addressOf(listening))
                .plain(true)
                .loop(loop)
                .start());
        var plainCall = plain.callAsync(json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        MessagePeer next = bed.keep(MessagePeer.unknown(RawPeer.accept(listening)));
        next.send(Message.json("{\"result\": \"hello\"}"));
        next.receive();
        next.send(Message.json("{\"result\": \"the answer\"}"));
        Throwable failure = failureOf(plainCall);
        assertThat(failure.getCause() == null ? failure : failure.getCause())
                .hasMessageContaining("it sends messages that do not answer a request");
    }

    /** A Parley server takes the place of a plain one, and may be sent what a plain one may not. */
    @Test
    void aParleyServerInThePlaceOfAPlainOneIsNoticed() throws Exception {
        ServerSocketChannel listening = bed.keep(RawPeer.listen());
        Client client = client(RawPeer.addressOf(listening), false);
        var first =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        for (int i = 0; i < 2; i++) {
            try (MessagePeer plain = MessagePeer.unknown(RawPeer.accept(listening))) {
                plain.receive();
                plain.send(Message.json("{\"result\": 1}"));
            }
        }
        assertThat(first.get().text()).isEqualTo("{\"result\": 1}");
        var lost =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        RawPeer.accept(listening).reset();
        assertThat(failureOf(lost)).isInstanceOf(ConnectionLostException.class);
        var asStream = client.stream(STREAM, Message.text("x"));
        MessagePeer full = bed.keep(MessagePeer.of(RawPeer.accept(listening)));
        Message asked = full.receive();
        full.send(Message.text("piece").going(Direction.RESPONSE, asked.header().id()));
        assertThat(asStream.receive()).isNotNull();
        asStream.close();
    }

    // One message that is too large.

    @Test
    void aRequestThatIsTooLargeCostsNoOther() throws Exception {
        Server server = server();
        Client client = client(server.address(), false);
        var before =
                client.callAsync("echo", json(), CallOptions.timeout(PATIENCE)).toCompletableFuture();
        var large = client.callAsync("echo", Message.text("y".repeat(3 << 20)), CallOptions.timeout(PATIENCE))
                .toCompletableFuture();
        var behind = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 20; i++) {
            behind.add(client.callAsync("echo", json(), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture());
        }
        assertThat(failureOf(large))
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.code())
                        .isEqualTo("content-too-large"));
        assertThat(client.call("echo", json(), CallOptions.timeout(PATIENCE)).text())
                .isEqualTo("{\"k\":1}");
        assertThat(before.get().text()).isEqualTo("{\"k\":1}");
        for (var each : behind) {
            assertThat(each.get().text()).isEqualTo("{\"k\":1}");
        }
    }

    @Test
    void eachOfThoseThatOneEventEndsHasAFailureOfItsOwn() throws Exception {
        Server server = server();
        Client client = client(server.address(), false);
        var calls = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 5; i++) {
            calls.add(client.callAsync("slow", json(), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture());
        }
        client.call("echo", json(), CallOptions.timeout(PATIENCE));
        client.close();
        var failures = new ArrayList<Throwable>();
        for (var call : calls) {
            failures.add(failureOf(call));
        }
        assertThat(failures).allSatisfy(each -> assertThat(each).isInstanceOf(ClientClosedException.class));
        for (int i = 1; i < 5; i++) {
            assertThat(failures.get(i)).isNotSameAs(failures.get(i - 1));
        }
    }
}
