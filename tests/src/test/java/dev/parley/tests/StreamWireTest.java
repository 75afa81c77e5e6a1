package dev.parley.tests;

import static dev.parley.tests.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.DrainReport;
import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.Direction;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exchanges message by message, as docs/protocol.md has them: credit, cancel, pings, one-way requests, drain. */
@Timeout(300)
class StreamWireTest {
    private static final Action<Message, Message> ECHO = Action.of("echo", Message.class, Message.class);
    private static final Action<Message, Message> PIECES = Action.of("pieces", Message.class, Message.class);

    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final EventLoop loop =
            census.watch(EventLoop.builder().observer(census).ticker(ticker).start());
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger interrupted = new AtomicInteger();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private Server listen(UnaryOperator<Server.Builder> further) throws IOException {
        Server.Builder settings = Server.builder()
                .observer(census)
                .onDuplex(ECHO, (in, out, exchange) -> {
                    started.incrementAndGet();
                    for (Message piece : in) {
                        out.send(piece);
                    }
                })
                .onStream(PIECES, (asked, out) -> {
                    started.incrementAndGet();
                    while (!Thread.currentThread().isInterrupted()) {
                        out.send(Message.binary("x", new byte[10_000]));
                    }
                })
                .on("wait", this::waitForLeave)
                .onLoop("now", request -> Message.text("now"));
        Server server = further.apply(settings).listen(loop, Address.parse("tcp://127.0.0.1:0"));
        opened.add(server);
        return server;
    }

    private Message waitForLeave(Message request, Exchange exchange) throws InterruptedException {
        started.incrementAndGet();
        try {
            mayReturn.acquire();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        }
        return Message.text("waited");
    }

    private MessagePeer peer() throws IOException {
        return peer(listen(settings -> settings));
    }

    private MessagePeer peer(Server server) throws IOException {
        MessagePeer peer = MessagePeer.connect(server.address());
        opened.add(peer);
        return peer;
    }

    /** No grant can come from it, so what it was granted is all that it gets. */
    @Test
    void aStreamToAClientThatHasHalfClosedEndsWithItsCredit() throws Exception {
        MessagePeer peer = peer().send(request(1, "pieces", Message.json("{}")));
        peer.raw.shutdownOutput();
        int bytes = 0;
        Message next = peer.receive();
        for (; next.header().hasMore(); next = peer.receive()) {
            bytes += next.content().length;
        }
        assertThat(bytes).isEqualTo(70_000); // the piece that uses up the 65,536 goes whole
        assertThat(next.status()).contains("cancelled");
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        mayReturn.release(1_000);
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        loop.close();
        census.assertNothingLeft();
    }

    private static Message control(String name, long id) {
        return Message.binary("x", new byte[0]).going(Direction.REQUEST, id).withProtocolKey(Header.CONTROL, name);
    }

    private static Message more(Message message) {
        return message.withProtocolKey(Header.MORE, true);
    }

    private static Message bytes(int count) {
        return Message.binary("x", new byte[count]);
    }

    private static Message piece(long id, Message content) {
        return content.going(Direction.REQUEST, id);
    }

    private static String statusAndId(Message response) {
        return response.status().orElse("ok") + " " + response.header().id();
    }

    private void awaitStarted(int count) {
        Await.until(count + " handlers run", () -> started.get() == count);
    }

    private void awaitInterrupted(int count) {
        Await.until(count + " handlers are interrupted", () -> interrupted.get() == count);
    }

    @Test
    void aStreamIsAnsweredPieceByPieceAndEndsWithoutMore() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(9, "echo", Message.text("one"))));
        Message first = peer.receive();
        assertThat(first.text()).isEqualTo("one");
        assertThat(first.header().id()).isEqualTo(9);
        assertThat(first.header().hasMore()).isTrue();
        peer.send(piece(9, Message.text("two")));
        assertThat(peer.receive().text()).isEqualTo("two");
        Message end = peer.receive();
        assertThat(end.header().hasMore()).isFalse();
        assertThat(end.content()).isEmpty();
        peer.send(request(9, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
    }

    @Test
    void aServerSendsNoMoreThanItsCreditAndAMessage() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "pieces", Message.text("go")));
        for (int i = 1; i <= 7; i++) {
            assertThat(peer.receive().content()).hasSize(10_000); // the seventh begins below 65,536
        }
        peer.send(request(2, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(control("credit", 1).with("credit", 4_465));
        assertThat(peer.receive().content()).hasSize(10_000); // one byte of credit is enough for a message
        peer.send(request(3, "now", Message.text("")));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(control("cancel", 1));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
    }

    @Test
    void aServerGrantsWhatItsHandlerHasRead() throws Exception {
        MessagePeer peer = peer(listen(
                settings -> settings.onDuplex(Action.of("read", Message.class, Message.class), (in, out, exchange) -> {
                    long bytes = 0;
                    for (Message piece : in) {
                        bytes += piece.content().length;
                    }
                    out.send(Message.text("read " + bytes));
                })));
        peer.send(more(request(1, "read", bytes(40_000))));
        Message granted = peer.receive();
        assertThat(granted.header().text(Header.CONTROL)).isEqualTo("credit");
        assertThat(granted.header().id()).isEqualTo(1);
        assertThat(granted.header().credit()).isEqualTo(40_000);
        peer.send(piece(1, bytes(10)));
        assertThat(peer.receive().text()).isEqualTo("read 40010");
    }

    /** Its handler takes nothing and stays, and an error that ends the connection does not wait for it. */
    private Server.Builder deafAndWithoutGrace(Server.Builder settings) {
        return settings.limits(MessageLimits.DEFAULT.withDrainGrace(Duration.ZERO))
                .onDuplex(Action.of("deaf", Message.class, Message.class), (in, out, exchange) -> mayReturn.acquire());
    }

    @Test
    void whoeverSendsWithoutCreditBreaksTheProtocol() throws Exception {
        MessagePeer peer = peer(listen(this::deafAndWithoutGrace));
        peer.send(more(request(1, "deaf", bytes(65_535))));
        peer.send(more(piece(1, bytes(100))));
        peer.send(more(piece(1, bytes(0))));
        peer.send(more(piece(1, bytes(1))));
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains("bad-frame");
        assertThat(last.text()).contains("without credit");
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    @Test
    void whatFollowsTheServersEndIsDropped() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(5, "nobody", Message.text("one"))));
        assertThat(statusAndId(peer.receive())).isEqualTo("unknown-action 5");
        peer.send(more(piece(5, Message.text("two"))));
        peer.send(control("cancel", 5));
        peer.send(request(5, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 5");
    }

    @Test
    void piecesWithoutContentAreBoundedToo() throws Exception {
        MessagePeer peer = peer(listen(this::deafAndWithoutGrace));
        peer.send(more(request(1, "deaf", bytes(1))));
        byte[] empty = MessagePeer.bytes(more(piece(1, Message.text(""))));
        var flood = new ByteArrayOutputStream();
        for (int i = 0; i < 66_000; i++) {
            flood.writeBytes(empty);
        }
        peer.raw.send(flood.toByteArray());
        assertLastIs(peer, "bad-frame");
    }

    @Test
    void streamsThatAreRefusedAndGoOnAreBounded() throws Exception {
        MessagePeer peer = peer();
        for (int id = 1; id <= 10_001; id++) {
            peer.send(more(request(id, "nobody", bytes(0))).with(Header.REPLY, false));
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void anIdOfAStreamThatIsOpenIsInUse() throws Exception {
        MessagePeer peer =
                peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withDrainGrace(Duration.ZERO))));
        peer.send(request(1, "pieces", Message.text("go")));
        assertThat(peer.receive().header().id()).isEqualTo(1);
        peer.send(request(1, "now", Message.text("")));
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains("duplicate-id");
    }

    @Test
    void aCancelInterruptsTheHandlerAndIsAnswered() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "wait", Message.text("")));
        awaitStarted(1);
        peer.send(control("cancel", 1));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
        awaitInterrupted(1);
        peer.send(control("cancel", 1)).send(control("credit", 77).with("credit", 1));
        peer.send(request(1, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
    }

    @Test
    void oneMoreStreamThanAllowedIsBusy() throws Exception {
        MessagePeer peer = peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withStreamsMax(2))));
        peer.send(more(request(1, "echo", bytes(0)))).send(more(request(2, "echo", bytes(0))));
        awaitStarted(2);
        peer.send(request(3, "echo", Message.text("x")));
        assertThat(statusAndId(peer.receive())).isEqualTo("busy 3");
        peer.send(piece(1, bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        peer.send(request(4, "echo", Message.text("x")));
        assertThat(peer.receive().text()).isEqualTo("x");
    }

    @Test
    void oneMoreHandlerThanAServerHasIsBusy() throws Exception {
        Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightTotalMax(2)));
        MessagePeer peer = peer(server);
        peer.send(request(1, "wait", bytes(0))).send(request(2, "wait", bytes(0)));
        awaitStarted(2);
        MessagePeer other = peer(server);
        other.send(request(1, "wait", bytes(0))).send(request(2, "echo", bytes(1)));
        assertThat(statusAndId(other.receive())).isEqualTo("busy 1");
        assertThat(statusAndId(other.receive())).isEqualTo("busy 2");
        other.send(request(3, "now", bytes(0)));
        assertThat(statusAndId(other.receive())).isEqualTo("ok 3");
        mayReturn.release();
        assertThat(peer.receive().text()).isEqualTo("waited");
        other.send(request(4, "wait", bytes(0)));
        awaitStarted(3);
    }

    @Test
    void controlsAreReadWhileAsManyRequestsRunAsMay() throws Exception {
        MessagePeer peer = peer(listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1))));
        peer.send(request(1, "wait", bytes(0)));
        awaitStarted(1);
        peer.send(control("ping", 3));
        Message pong = peer.receive();
        assertThat(pong.header().text(Header.CONTROL)).isEqualTo("pong");
        assertThat(pong.header().id()).isEqualTo(3);
        peer.send(control("cancel", 1)).send(request(2, "wait", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("cancelled 1");
        awaitStarted(2);
    }

    @Test
    void aOneWayRequestIsHandledAndNeverAnswered() throws Exception {
        MessagePeer peer = peer();
        List<String> actions = List.of("now", "wait", "nobody", "echo");
        for (int i = 0; i < actions.size(); i++) {
            peer.send(request(1 + i, actions.get(i), Message.text("x")).with(Header.REPLY, false));
        }
        peer.send(
                request(20, "now", Message.text("x")).with(Header.REPLY, false).with("content-encoding-of-nobody", 1));
        peer.send(request(99, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 99");
        awaitStarted(1);
        mayReturn.release();
        peer.send(request(98, "now", Message.text("")));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 98");
    }

    // Budgets.

    @Test
    void twoHundredCancelsAreOneTooMany() throws Exception {
        MessagePeer peer = peer();
        mayReturn.release(1_000);
        for (int id = 1; id <= 201; id++) {
            peer.send(request(id, "now", bytes(0))).send(control("cancel", id));
        }
        assertLastIs(peer, "too-many-errors");
    }

    /** Each is taken without a word, and so many are a flood. */
    @ParameterizedTest
    @ValueSource(strings = {"credit", "pong", "of-tomorrow"})
    void aThousandControlsThatChangeNothingAreTheLastOnesAllowed(String name) throws Exception {
        MessagePeer peer = peer();
        Message idle = name.equals("credit") ? control(name, 77).with(Header.CREDIT, 1_000) : control(name, 77);
        for (int i = 0; i < 1_000; i++) {
            peer.send(idle);
        }
        peer.send(request(1, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        for (int i = 0; i < 10; i++) {
            peer.send(idle);
        }
        assertLastIs(peer, "too-many-errors");
    }

    /** Nothing further of it is read, so it could never end: it ends at once, and not when the grace is over. */
    @Test
    void aStreamThatIsNotEndedEndsWithTheConnection() throws Exception {
        MessagePeer peer = peer();
        peer.send(more(request(1, "echo", bytes(1))));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 1");
        peer.raw.send(new byte[] {0, 1, '['});
        assertThat(statusAndId(peer.receive())).isEqualTo("unavailable 1");
        assertLastIs(peer, "bad-frame");
    }

    @Test
    void manyCancelsAmongManyMoreRequestsAreFine() throws Exception {
        MessagePeer peer = peer();
        for (int id = 1; id <= 201; id++) {
            peer.send(request(3L * id, "now", bytes(0)))
                    .send(control("cancel", 3L * id))
                    .send(request(3L * id + 1, "now", bytes(0)))
                    .send(request(3L * id + 2, "now", bytes(0)));
            for (int answer = 0; answer < 3; answer++) {
                assertThat(peer.receive().status()).isEmpty();
            }
        }
    }

    @Test
    void aHundredErrorsInAMinuteAreTheLastOnesAllowed() throws Exception {
        MessagePeer peer = peer();
        Message wrong = request(1, "now", bytes(0)).with("timeout-ms", "soon");
        for (int i = 0; i < 100; i++) {
            peer.send(wrong);
            assertThat(peer.receive().status()).contains("bad-field");
        }
        ticker.advance(Duration.ofSeconds(61));
        peer.send(wrong);
        assertThat(peer.receive().status()).contains("bad-field");
        for (int i = 0; i < 100; i++) {
            peer.send(wrong);
        }
        assertLastIs(peer, "too-many-errors");
    }

    @Test
    void pingsThatFollowEachOtherTooFastEndTheConnection() throws Exception {
        MessagePeer peer = peer();
        for (int i = 0; i < 5; i++) {
            peer.send(control("ping", 0));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("pong");
            ticker.advance(Duration.ofSeconds(1));
        }
        for (int i = 0; i < 5; i++) {
            peer.send(control("ping", 0)).send(request(i + 1, "now", bytes(0)));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("pong");
            assertThat(statusAndId(peer.receive())).isEqualTo("ok " + (i + 1));
        }
        peer.send(control("ping", 0)).send(control("ping", 0)).send(control("ping", 0));
        assertLastIs(peer, "too-many-errors");
    }

    private static void assertLastIs(MessagePeer peer, String status) throws IOException {
        Message last = peer.receive();
        while (!last.header().isTrue(Header.CLOSE)) {
            last = peer.receive();
        }
        assertThat(last.status()).contains(status);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    // A peer that vanishes.

    @Test
    void aPeerThatVanishesWhileItsHandlerRunsIsMissed() throws Exception {
        MessagePeer peer = peer();
        peer.send(request(1, "wait", bytes(0)));
        awaitStarted(1);
        ticker.advance(Duration.ofSeconds(31));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
        peer.send(control("pong", 0)).send(request(2, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("ok 2");
        ticker.advance(Duration.ofSeconds(31));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
        ticker.advance(Duration.ofSeconds(11));
        awaitInterrupted(1);
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }

    // Drain.

    private CompletableFuture<DrainReport> drain(Server server, Duration grace) {
        var report = new CompletableFuture<DrainReport>();
        Thread.startVirtualThread(() -> {
            try {
                report.complete(server.drain(grace));
            } catch (InterruptedException e) {
                report.completeExceptionally(e);
            }
        });
        return report;
    }

    @Test
    void aDrainLetsWhatRunsEndAndRefusesWhatIsNew() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = peer(server);
        MessagePeer idle = peer(server);
        peer.send(request(1, "wait", bytes(0)));
        awaitStarted(1);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(idle.raw.receiveToEnd()).isEmpty();
        peer.send(request(2, "now", bytes(0)));
        assertThat(statusAndId(peer.receive())).isEqualTo("going-away 2");
        mayReturn.release();
        assertThat(peer.receive().text()).isEqualTo("waited");
        assertThat(report).isNotDone();
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        idle.close();
        assertThat(report.join()).isEqualTo(new DrainReport(2, 0, 0));
    }

    /** Only with the rest of its first message does it show that it may be sent a control. */
    @Test
    void whoShowsAKeyDuringADrainIsToldOfIt() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = peer(server);
        byte[] first = MessagePeer.bytes(request(1, "now", bytes(0)));
        peer.raw.send(Arrays.copyOf(first, 10));
        MessagePeer other = peer(server);
        other.send(request(1, "wait", bytes(0)));
        awaitStarted(1);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(other.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        peer.raw.send(Arrays.copyOfRange(first, 10, first.length));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        assertThat(statusAndId(peer.receive())).isEqualTo("going-away 1");
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        mayReturn.release();
        assertThat(other.receive().text()).isEqualTo("waited");
        other.raw.shutdownOutput();
        assertThat(report.join()).isEqualTo(new DrainReport(2, 0, 0));
    }

    @Test
    void aDrainAnswersNoOneWayRequests() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = peer(server);
        peer.send(request(1, "wait", bytes(0)).with(Header.REPLY, false))
                .send(request(2, "wait", bytes(0)))
                .send(request(0, "wait", bytes(0)).with(Header.REPLY, false))
                .send(request(0, "wait", bytes(0)));
        awaitStarted(3);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
        ticker.advance(Duration.ofSeconds(11));
        assertThat(List.of(statusAndId(peer.receive()), statusAndId(peer.receive())))
                .containsExactly("unavailable 2", "unavailable 0");
        assertThat(peer.receive().header().isTrue(Header.CLOSE)).isTrue();
        peer.close();
        assertThat(report.join()).isEqualTo(new DrainReport(1, 1, 4));
    }

    @Test
    void theIdOfAOneWayRequestIsInUseUntilItsHandlerReturns() throws Exception {
        var mayEnd = new CountDownLatch(1);
        MessagePeer peer = peer(listen(settings -> settings.on("stubborn", request -> {
            started.incrementAndGet();
            Await.until("it may end", () -> mayEnd.getCount() == 0);
            return request;
        })));
        peer.send(request(1, "stubborn", bytes(0)).with(Header.REPLY, false).with(Header.TIMEOUT_MS, 100));
        awaitStarted(1);
        ticker.advance(Duration.ofMillis(100));
        peer.send(request(2, "now", bytes(0)));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.send(request(1, "now", bytes(0)));
        mayEnd.countDown();
        assertThat(statusAndId(peer.receive())).isEqualTo("duplicate-id 0");
    }

    @Test
    void aOneWayRequestThatIsOverKeepsNobodyWaiting() throws Exception {
        var mayEnd = new CountDownLatch(1);
        MessagePeer peer = peer(listen(settings -> settings.on("stubborn", request -> {
            started.incrementAndGet();
            Await.until("it may end", () -> mayEnd.getCount() == 0);
            return request;
        })));
        peer.send(request(1, "stubborn", bytes(0)).with(Header.REPLY, false).with(Header.TIMEOUT_MS, 100));
        awaitStarted(1);
        ticker.advance(Duration.ofMillis(100));
        peer.send(request(2, "now", bytes(0)));
        assertThat(peer.receive().text()).isEqualTo("now");
        peer.raw.shutdownOutput();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
        mayEnd.countDown();
    }

    /** A thread of the handler's sends while the handler returns: each piece goes before the end, or is refused. */
    @Test
    void nothingFollowsTheEndOfAStream() throws Exception {
        var refused = new AtomicInteger();
        MessagePeer peer = peer(
                listen(settings -> settings.onStream(Action.of("race", Message.class, Message.class), (asked, out) -> {
                    var begun = new CountDownLatch(1);
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                out.send(Message.text("piece"));
                                begun.countDown();
                            }
                        } catch (IOException | IllegalStateException over) {
                            refused.incrementAndGet();
                            begun.countDown();
                        }
                    });
                    begun.await();
                })));
        int streams = Boolean.getBoolean("parley.full") ? 1_000 : 200;
        for (int id = 1; id <= streams; id++) {
            peer.send(request(id, "race", Message.json("{}")));
            Message next = peer.receive();
            while (next.header().hasMore()) {
                assertThat(next.header().id()).isEqualTo(id);
                next = peer.receive();
            }
            assertThat(next.header().id()).isEqualTo(id);
            assertThat(next.status()).isEmpty();
        }
        Await.until("all senders have ended", () -> refused.get() == streams);
    }

    /** No credit will come for it any more. */
    @Test
    void whoWaitsToSendIsToldOfTheEnd() throws Exception {
        var told = new CompletableFuture<Throwable>();
        MessagePeer peer = peer(
                listen(settings -> settings.onStream(Action.of("left", Message.class, Message.class), (asked, out) -> {
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                out.send(Message.binary("x", new byte[10_000]));
                            }
                        } catch (IOException | IllegalStateException over) {
                            told.complete(over);
                        }
                    });
                    mayReturn.acquire();
                })));
        peer.send(request(1, "left", Message.json("{}")));
        for (int i = 0; i < 7; i++) {
            assertThat(peer.receive().header().hasMore()).isTrue();
        }
        mayReturn.release();
        assertThat(peer.receive().header().hasMore()).isFalse();
        assertThat(told.get(60, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aDrainCutsWhatIsNotDoneInTime() throws Exception {
        Server server = listen(settings -> settings);
        MessagePeer peer = peer(server);
        peer.send(request(1, "wait", bytes(0))).send(request(2, "pieces", bytes(1)));
        awaitStarted(2);
        CompletableFuture<DrainReport> report = drain(server, Duration.ofSeconds(10));
        Message next = peer.receive();
        while (next.header().text(Header.CONTROL) == null) {
            next = peer.receive();
        }
        ticker.advance(Duration.ofSeconds(11));
        var ends = new ArrayList<String>();
        while (!next.header().isTrue(Header.CLOSE)) {
            next = peer.receive();
            if (next.status().isPresent()) {
                ends.add(statusAndId(next));
            }
        }
        assertThat(ends).containsExactlyInAnyOrder("unavailable 1", "unavailable 2", "unavailable 0");
        awaitInterrupted(1);
        peer.close();
        assertThat(report.join()).isEqualTo(new DrainReport(1, 1, 2));
    }
}
