package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.ApplicationException;
import dev.parley.Exchange;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.BindFailedException;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.HandlerGate;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the exchanges of one connection: their order, how many run at once, their ids, deadlines and ends. */
@Timeout(300)
class ExchangeTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final ManualTicker ticker = bed.ticker();
    private final HandlerGate gate = new HandlerGate();
    private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();

    @AfterEach
    void letGo() {
        gate.release(1_000);
    }

    private Server listen() throws BindFailedException {
        return listen(settings -> settings);
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws BindFailedException {
        ServerBuilder settings = bed.server()
                .on("wait", (request, exchange) -> {
                    exchanges.add(exchange);
                    gate.enter();
                    return Message.text(request.text());
                })
                .onLoop("now", request -> Message.text("now"));
        return bed.listen(further.apply(settings));
    }

    private static Message text(String text) {
        return Message.text(text);
    }

    /** Waits until the loop has answered another client: then it has done the work that it got before. */
    private static void awaitIdleLoop(Server server) throws Exception {
        try (MessagePeer other = MessagePeer.connect(server.address())) {
            other.send(request(1, "now", text("")));
            other.receive();
        }
    }

    @Test
    void responsesWithIdsComeAsTheyAreReady() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(7, "wait", text("slow"))).send(request(8, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(8);
            gate.release();
            Message slow = peer.receive();
            assertThat(slow.header().id()).isEqualTo(7);
            assertThat(slow.text()).isEqualTo("slow");
        }
    }

    @Test
    void plainRequestsAreHandledOneAfterAnotherAndOthersPassThem() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            gate.awaitStarted(1);
            peer.send(request(5, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(5);
            peer.send(request(0, "wait", text("second"))).send(request(0, "now", text("third")));
            peer.send(request(6, "now", text("behind a plain one that waits")));
            assertThat(peer.receive().header().id()).isEqualTo(6);
            gate.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            gate.awaitStarted(2);
            gate.release();
            assertThat(peer.receive().text()).isEqualTo("second");
            assertThat(peer.receive().text()).isEqualTo("now");
        }
    }

    /**
     * The requests are read together and handled on one thread; the first answer must not wait for one that blocks
     * behind it.
     */
    @Test
    void plainRequestsThatComeTogetherShareAThreadAndHoldNoAnswerBack() throws Exception {
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        try (Server server = listen(settings -> settings.on("where", request -> {
                    threads.add(Thread.currentThread());
                    return request;
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            var together = new ByteArrayOutputStream();
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("first"))));
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("second"))));
            together.writeBytes(MessagePeer.bytes(request(0, "wait", text("third"))));
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("fourth"))));
            peer.raw.send(together.toByteArray());
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().text()).isEqualTo("second");
            gate.awaitStarted(1);
            assertThat(threads).hasSize(2);
            gate.release();
            assertThat(peer.receive().text()).isEqualTo("third");
            assertThat(peer.receive().text()).isEqualTo("fourth");
            assertThat(Set.copyOf(threads)).hasSize(1);
        }
    }

    /** The rest waits unread, in the kernel's buffers and then in the client's. */
    @Test
    void beyondTheCapNothingFurtherStarts() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(4)));
                MessagePeer peer = MessagePeer.connect(server.address());
                MessagePeer other = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 10; id++) {
                peer.send(request(id, "wait", text("x")));
            }
            gate.awaitStarted(4);
            other.send(request(1, "now", text("")));
            assertThat(other.receive().text()).isEqualTo("now");
            assertThat(gate.started()).isEqualTo(4);
            gate.release();
            peer.receive();
            gate.awaitStarted(5);
            gate.release(9);
            for (int left = 9; left > 0; left--) {
                assertThat(peer.receive().text()).isEqualTo("x");
            }
        }
    }

    @Test
    void anIdMayBeUsedAgainAfterItsAnswerAndNotBefore() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(3, "now", text(""))).send(request(3, "now", text("")));
            peer.receive();
            peer.receive();
            peer.send(request(3, "wait", text("answered all the same"))).send(request(3, "now", text("")));
            gate.awaitStarted(1);
            awaitIdleLoop(server);
            gate.release();
            assertThat(peer.receive().text()).isEqualTo("answered all the same");
            Message last = peer.receive();
            assertThat(last.status()).contains("duplicate-id");
            assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
            assertThat(last.header().id()).isZero();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aFatalErrorWaitsForWhatRunsButNotForEver() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text(""))).send(request(2, "wait", text("")));
            gate.awaitStarted(2);
            peer.raw.send((byte) 0, (byte) 0);
            awaitIdleLoop(server);
            ticker.advance(MessageLimits.DEFAULT.drainGrace());
            assertThat(List.of(
                            peer.receive().status().orElseThrow(),
                            peer.receive().status().orElseThrow(),
                            peer.receive().status().orElseThrow()))
                    .containsExactly("unavailable", "unavailable", "bad-frame");
            gate.awaitInterrupted(2);
            assertThat(exchanges).allMatch(Exchange::isCancelled);
        }
    }

    @Test
    void pastItsTimeARequestIsAnsweredAndItsHandlerTold() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("")).with(Header.TIMEOUT_MS, 250));
            gate.awaitStarted(1);
            assertThat(exchanges.element().timeLeft()).contains(Duration.ofMillis(250));
            ticker.advance(Duration.ofMillis(250));
            Message late = peer.receive();
            assertThat(late.status()).contains("timeout");
            assertThat(late.header().id()).isEqualTo(1);
            gate.awaitInterrupted(1);
            peer.send(request(2, "now", text("")).with(Header.TIMEOUT_MS, 0));
            assertThat(peer.receive().status()).contains("timeout");
        }
        assertThat(bed.census().takeFailures()).isEmpty();
    }

    @Test
    void aHandlerIsToldWhenItsClientIsGone() throws Exception {
        try (Server server = listen()) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                peer.send(request(1, "wait", text("")));
                gate.awaitStarted(1);
                peer.raw.reset();
            }
            gate.awaitInterrupted(1);
            assertThat(exchanges.element().isCancelled()).isTrue();
        }
        assertThat(bed.census().takeFailures()).isEmpty();
    }

    @Test
    void aConnectionWhoseHandlerWorksIsNotIdle() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("long")));
            gate.awaitStarted(1);
            ticker.advance(Duration.ofMinutes(6));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
            gate.release();
            assertThat(peer.receive().text()).isEqualTo("long");
            awaitIdleLoop(server);
            ticker.advance(Duration.ofMinutes(6));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
            peer.raw.shutdownOutput();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aHandlerKnowsItsExchange() throws Exception {
        var names = new ConcurrentLinkedQueue<String>();
        try (Server server = listen(settings -> settings.on("who", (request, exchange) -> {
                    names.add(Thread.currentThread().getName());
                    names.add(exchange.id() + " " + exchange.header().text("colour") + " " + exchange.timeLeft());
                    return Message.text(exchange.connection().peerAddress().toString());
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(9, "who", text("")).with("colour", "blue"));
            assertThat(peer.receive().text()).startsWith("tcp://127.0.0.1:");
            assertThat(names.poll()).matches("parley-\\d+-9");
            assertThat(names.poll()).isEqualTo("9 blue Optional.empty");
        }
    }

    @Test
    void afterTheClientsEndAllAnswersStillCome() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 20; id++) {
                peer.send(request(id, "wait", text("x")));
            }
            peer.raw.shutdownOutput();
            gate.awaitStarted(20);
            gate.release(20);
            for (int left = 20; left > 0; left--) {
                assertThat(peer.receive().text()).isEqualTo("x");
            }
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void controlsOfUnknownNamesAreIgnoredAndCounted() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(Message.binary("x/none", new byte[0]).withProtocolKey(Header.CONTROL, "dance"));
            peer.send(request(1, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(1);
            assertThat(server.ignoredControls()).isEqualTo(1);
            assertThat(server.requests()).isEqualTo(1);
        }
    }

    /** A control has no response, so a bad one ends the connection. */
    @Test
    void aControlHasNoCoding() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(text("").going(Direction.REQUEST, 1)
                    .withProtocolKey(Header.CONTROL, "ping")
                    .with("content-coding", "gzip"));
            Message last = peer.receive();
            assertThat(last.status()).contains("bad-field");
            assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aMessageThatIsCutOffIsCountedAndNotHandled() throws Exception {
        try (Server server = listen()) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                peer.raw.send((byte) 0).shutdownOutput();
                assertThat(peer.raw.receiveToEnd()).isEmpty();
            }
            assertThat(server.truncatedMessages()).isEqualTo(1);
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void anAnswerMayBeTheRequestItself() throws Exception {
        try (Server server = listen(
                        settings -> settings.on("mirror", (Handler.Simple<Message, Message>) request -> request));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(4, "mirror", text("x"))
                    .with(Header.TIMEOUT_MS, 60_000)
                    .with("colour", "blue"));
            Message same = peer.receive();
            assertThat(same.text()).isEqualTo("x");
            assertThat(same.header().others()).containsOnlyKeys("colour");
        }
    }

    @Test
    void aServerNeedsHandlersWithNamesOfTheirOwn() {
        ServerBuilder settings = Server.builder();
        assertThatThrownBy(() -> settings.listen("tcp://127.0.0.1:0")).hasMessageContaining("needs a handler");
        Handler.Simple<Message, Message> handler = request -> request;
        settings.on("twice", handler);
        assertThatThrownBy(() -> settings.on("twice", handler)).hasMessageContaining("already");
        assertThatThrownBy(() -> settings.on("a b", handler)).hasMessageContaining("not an action name");
        assertThatThrownBy(() -> settings.on("parley.peer", handler)).hasMessageContaining("itself");
        assertThatThrownBy(() -> new ApplicationException("Sold Out", "x")).hasMessageContaining("is not a code");
    }
}
