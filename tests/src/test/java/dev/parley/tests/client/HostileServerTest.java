package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.ConnectionLostException;
import dev.parley.ContentException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.GzipBomb;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests what a hostile server may do to our client: the client says what the server did, loses no more, and goes on.
 */
@Timeout(300)
class HostileServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int FLOOD = 100_000;
    private static final int IDLE_CONTROLS_MAX = 1_000;
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final Queue<ClientState> states = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    /** Says what a hand-written server does on each connection. */
    private interface Script {
        void play(MessagePeer client, int connection) throws Exception;
    }

    private Client client(boolean manualTime, Script script) throws IOException {
        ServerSocketChannel listening = RawPeer.listen();
        bed.keep(listening);
        Thread.startVirtualThread(() -> accept(listening, script));
        EventLoop.Builder settings = EventLoop.builder();
        EventLoop loop = bed.newLoop(manualTime ? settings.ticker(ticker) : settings);
        return bed.keep(Client.builder(RawPeer.addressOf(listening))
                .loop(loop)
                .onState(change -> states.add(change.state()))
                .retries(false)
                .waitForReady(true)
                .start());
    }

    /** Accepts connections. Each is played on a thread of its own, and stays until the test is over. */
    private void accept(ServerSocketChannel listening, Script script) {
        try {
            while (true) {
                MessagePeer peer = MessagePeer.of(RawPeer.accept(listening));
                bed.keep(peer);
                int number = connections.incrementAndGet();
                Thread.startVirtualThread(() -> play(script, peer, number));
            }
        } catch (IOException closed) {
            return;
        }
    }

    private void play(Script script, MessagePeer peer, int number) {
        try {
            script.play(peer, number);
        } catch (Exception | AssertionError over) {
            return; // the client has gone; what it saw is asserted there
        }
    }

    private Client client(Script script) throws IOException {
        return client(false, script);
    }

    @AfterEach
    void letGo() {
        goOn.countDown();
    }

    private static Message json() {
        return Message.json("{\"n\": 1}");
    }

    private static Message answer(long id) {
        return Message.json("{\"result\": \"it\"}").going(Direction.RESPONSE, id);
    }

    private static Message empty(long id) {
        return Message.binary("x", new byte[0]).going(Direction.RESPONSE, id);
    }

    private static Message control(String name, long id) {
        return empty(id).withProtocolKey(Header.CONTROL, name);
    }

    /** Answers every request until the peer is gone. */
    private static void serve(MessagePeer peer) throws IOException {
        while (true) {
            Message request = peer.receive();
            if (!request.header().isControl()) {
                peer.send(answer(request.header().id()));
            }
        }
    }

    private static void ask(Client client) throws IOException {
        assertThat(client.call("x", json(), CallOptions.timeout(PATIENCE)).text())
                .contains("it");
    }

    private static CloseReason lost(ThrowingCallable call, String how) {
        var reason = new CompletableFuture<CloseReason>();
        assertThatThrownBy(call).isInstanceOfSatisfying(ConnectionLostException.class, failure -> {
            assertThat(failure).hasMessageContaining(how);
            assertThat(failure.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
            reason.complete(failure.reason());
        });
        return reason.join();
    }

    // Answers to nothing.

    @Test
    void anAnswerToWhatWasNeverAskedEndsTheConnection() throws Exception {
        Client client = client((peer, connection) -> {
            Message request = peer.receive();
            peer.send(answer(request.header().id() + (connection == 1 ? 998 : 0)));
            serve(peer);
        });
        assertThat(lost(() -> ask(client), "it answered a request that was never sent"))
                .isEqualTo(CloseReason.PROTOCOL);
        ask(client);
        assertThat(connections).hasValue(2);
        System.out.println("promise R2: an answer with an id never issued closes the connection, and says so");
    }

    @Test
    void lateAndDoubleAnswersAreDroppedAndCounted() throws Exception {
        Client client = client(true, (peer, connection) -> {
            ask(peer, answer(1)); // the first tells that it is a full server
            Message late = peer.receive();
            arrived.countDown();
            goOn.await();
            peer.send(answer(late.header().id()));
            Message next = peer.receive();
            peer.send(answer(next.header().id())).send(answer(next.header().id()));
            serve(peer);
        });
        ask(client);
        var tooLate = client.callAsync("x", json(), CallOptions.timeout(Duration.ofSeconds(1)))
                .toCompletableFuture();
        assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
        ticker.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> tooLate.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(TimedOutException.class);
        goOn.countDown();
        ask(client);
        ask(client);
        assertThat(client.lateResponses()).isEqualTo(2);
        assertThat(connections).hasValue(1);
        System.out.println("promise R2: one late and one double answer dropped, and 2 counted");
    }

    private static void ask(MessagePeer peer, Message answer) throws IOException {
        peer.send(answer.going(Direction.RESPONSE, peer.receive().header().id()));
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "false, true"})
    void aMessageBeforeAnyRequestEndsTheConnection(boolean closes, boolean hasId) throws Exception {
        Client client = client((peer, connection) -> {
            if (connection == 1) {
                Message first = answer(hasId ? 998 : 0);
                peer.send(closes ? first.with(Header.STATUS, "busy").withProtocolKey(Header.CLOSE, true) : first);
                peer.receive(); // the question, which is answered behind that
            } else {
                serve(peer);
            }
        });
        Await.until("it is closed", () -> !census.closedByReason().isEmpty());
        assertThat(census.closedByReason()).containsOnlyKeys(closes ? CloseReason.PEER : CloseReason.PROTOCOL);
        ask(client);
        assertThat(connections).hasValue(2);
        System.out.printf(
                "promise 121: an unsolicited message (close: %s, id: %s): closed as %s, and found again%n",
                closes, hasId, closes ? CloseReason.PEER : CloseReason.PROTOCOL);
    }

    // Answers that are too much.

    private static byte[] frame(String header, byte[] content) {
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        var frame = new ByteArrayOutputStream();
        frame.write(bytes.length >> 8);
        frame.write(bytes.length);
        frame.writeBytes(bytes);
        frame.writeBytes(content);
        return frame.toByteArray();
    }

    private static String header(long id, String length, String further) {
        return "{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\","
                + " \"content-length\": " + length + ", \"id\": " + id + further + "}";
    }

    private void refuses(String what, String how, byte[] frame) throws Exception {
        Client client = client((peer, connection) -> {
            if (connection == 1) {
                ask(peer, answer(1));
                peer.receive();
                peer.raw.send(frame);
            }
            serve(peer);
        });
        ask(client);
        long before = System.nanoTime();
        lost(() -> client.call("x", json(), CallOptions.timeout(PATIENCE)), how);
        double millis = (System.nanoTime() - before) / 1e6;
        ask(client);
        System.out.printf(
                "promise 118: %s: the call fails after %.1f ms, named, and the client goes on%n", what, millis);
    }

    @Test
    void anAnswerThatSaysItIsHugeIsNotWaitedFor() throws Exception {
        refuses(
                "content-length 2^31",
                "content-length is above the limit",
                frame(header(3, "2147483648", ""), new byte[0]));
    }

    @Test
    void anAnswerThatUnpacksToFarMoreIsRefused() throws Exception {
        byte[] bomb = GzipBomb.bytes(1024 * 1024);
        refuses(
                "gzip of 1 MiB that holds 1 GiB",
                "above the limit of 1048576 bytes",
                frame(header(3, Integer.toString(bomb.length), ", \"content-coding\": \"gzip\""), bomb));
    }

    @Test
    void anAnswerWithANestedHeaderIsRefused() throws Exception {
        String nested = ", \"deep\": " + "[".repeat(2_000) + "]".repeat(2_000);
        refuses("nested header", "its answer is not a message", frame(header(3, "0", nested), new byte[0]));
    }

    @Test
    void anAnswerThatTricklesEndsWithItsCall() throws Exception {
        byte[] slow = MessagePeer.bytes(answer(3));
        var trickle = new CompletableFuture<MessagePeer>();
        Client client = client(true, (peer, connection) -> {
            ask(peer, answer(1));
            peer.receive();
            trickle.complete(peer);
        });
        ask(client);
        long start = ticker.nanos();
        var call = client.callAsync("x", json(), CallOptions.timeout(Duration.ofSeconds(5)))
                .toCompletableFuture();
        MessagePeer peer = trickle.get(60, TimeUnit.SECONDS);
        for (int second = 0; second < 4; second++) {
            peer.raw.send(slow[second]);
            ticker.advance(Duration.ofSeconds(1));
        }
        assertThat(Await.within(Duration.ofMillis(100), call::isDone)).isFalse();
        peer.raw.send(slow[4]);
        ticker.advance(Duration.ofSeconds(1));
        assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(TimedOutException.class);
        System.out.printf(
                "promise 119: a byte a second of an answer: the call of 5 s ends after %d ms%n",
                Duration.ofNanos(ticker.nanos() - start).toMillis());
    }

    // Floods and controls.

    /**
     * Asserts that a few of these messages change nothing, that many end the connection, and that the client goes on
     * with the next one.
     */
    private void survives(String what, Message flood) throws Exception {
        byte[] one = MessagePeer.bytes(flood);
        Client client = client((peer, connection) -> {
            ask(peer, answer(1));
            Message open = peer.receive();
            int count = connection == 1 ? FLOOD : IDLE_CONTROLS_MAX;
            var many = new ByteArrayOutputStream();
            for (int i = 0; i < count; i++) {
                many.writeBytes(one);
            }
            peer.raw.send(many.toByteArray());
            peer.send(answer(open.header().id()));
            serve(peer);
        });
        ask(client);
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            assertThatThrownBy(stream::receive)
                    .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.reason())
                            .isEqualTo(CloseReason.PROTOCOL))
                    .hasMessageContaining("controls that change nothing");
        }
        ask(client);
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            assertThat(Objects.requireNonNull(stream.receive()).text()).contains("it");
        }
        ask(client);
        assertThat(connections).hasValue(2);
        System.out.printf("promise R2: of %d %s, %d change nothing%n", FLOOD, what, IDLE_CONTROLS_MAX);
    }

    @Test
    void creditsForWhatIsNotThereHaveABudget() throws Exception {
        survives("credits for an id not in use", control("credit", 77).with("credit", Integer.MAX_VALUE));
    }

    @Test
    void creditsWithoutEndHaveABudget() throws Exception {
        survives("credits of 2^31-1 for a stream", control("credit", 3).with("credit", Integer.MAX_VALUE));
    }

    @Test
    void unaskedPongsHaveABudget() throws Exception {
        survives("pongs", control("pong", 3));
    }

    @Test
    void aServerCannotCancel() throws Exception {
        survives("cancels from the server", control("cancel", 3));
    }

    @Test
    void controlsOfALaterVersionHaveABudget() throws Exception {
        survives("controls of a later version", control("of-tomorrow", 0));
    }

    @Test
    void goingAwayTwiceIsGoingAwayOnce() throws Exception {
        Client client = client((peer, connection) -> {
            ask(peer, answer(1));
            if (connection == 1) {
                peer.send(control("going-away", 0)).send(control("going-away", 0));
                assertThat(peer.raw.receiveToEnd()).isEmpty();
                peer.close();
            }
            serve(peer);
        });
        ask(client);
        Await.until("it is told", () -> states.contains(ClientState.DRAINING));
        ask(client);
        ask(client);
        assertThat(connections).hasValue(2);
        assertThat(states.stream().filter(state -> state == ClientState.DRAINING))
                .hasSize(1);
        System.out.println("promise R2: going-away twice makes one other connection");
    }

    @Test
    void aPieceWithoutCreditEndsTheConnection() throws Exception {
        Client client = client((peer, connection) -> {
            ask(peer, answer(1));
            long id = peer.receive().header().id();
            for (int i = 0; i < 7; i++) {
                peer.send(Message.binary("x", new byte[10_000])
                        .going(Direction.RESPONSE, id)
                        .withProtocolKey(Header.MORE, true));
            }
            peer.send(Message.binary("x", new byte[1]).going(Direction.RESPONSE, id));
            peer.receive();
        });
        ask(client);
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.PROTOCOL));
            assertThat(lost(
                            () -> {
                                while (stream.receive() != null) {
                                    assertThat(connections).hasValue(1);
                                }
                            },
                            "it sent more of a stream than it was granted"))
                    .isEqualTo(CloseReason.PROTOCOL);
        }
        System.out.println("promise R2: a piece of a stream beyond its credit closes the connection, and says so");
    }

    @Test
    void aStreamInsteadOfAnAnswerFailsItsCallAlone() throws Exception {
        Client client = client((peer, connection) -> {
            ask(peer, answer(1));
            long id = peer.receive().header().id();
            peer.send(answer(id).withProtocolKey(Header.MORE, true)).send(answer(id));
            serve(peer);
        });
        ask(client);
        assertThatExceptionOfType(ContentException.class)
                .isThrownBy(() -> ask(client))
                .withMessageContaining("answered with a stream, and not with one message")
                .satisfies(e -> assertThat(e.isOfAnswer()).isTrue());
        ask(client);
        assertThat(connections).hasValue(1);
        System.out.println("promise R2: a stream where one answer is due fails that call, and no other");
    }

    @Test
    void anErrorThatClosesIsTheReasonForWhatIsUnderWay() throws Exception {
        Client client = client((peer, connection) -> {
            ask(peer, answer(1));
            peer.receive();
            peer.send(answer(0).with(Header.STATUS, "too-many-errors").withProtocolKey(Header.CLOSE, true));
        });
        ask(client);
        assertThatThrownBy(() -> ask(client))
                .isInstanceOfSatisfying(
                        RefusedException.class, refused -> assertThat(refused).hasMessageContaining("too-many-errors"));
    }
}
