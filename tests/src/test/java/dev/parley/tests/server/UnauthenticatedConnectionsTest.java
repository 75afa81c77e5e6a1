package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Authorizer;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.contract.ForwardingEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests what a server that requires credentials allows a peer before its credentials are accepted. */
@Timeout(300)
class UnauthenticatedConnectionsTest {
    private static final int CONNECTIONS_MAX = 12;
    private static final int STRANGERS_MAX = CONNECTIONS_MAX / 4;
    private static final int QUEUED_BYTES_MAX = 1024;
    private static final int FLOOD = 50;
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final Queue<LoopConnection> accepted = new ConcurrentLinkedQueue<>();
    private final Semaphore mayJudge = new Semaphore(1_000_000);
    private final AtomicInteger judged = new AtomicInteger();

    enum Over {
        NIO_TCP,
        NIO_UNIX,
        URING_TCP,
        URING_UNIX;

        EventLoop.Builder loop() {
            return EventLoop.builder()
                    .transport(Usable.transport(this == NIO_TCP || this == NIO_UNIX ? "nio" : "io_uring"));
        }

        Address free() throws IOException {
            if (this == NIO_TCP || this == URING_TCP) {
                return Address.parse("tcp://127.0.0.1:0");
            }
            Path directory = Files.createTempDirectory("parley");
            directory.toFile().deleteOnExit();
            return new Address.Unix(directory.resolve("s"));
        }
    }

    /** The census, and the connections that it counts. */
    private final class Watching implements ForwardingEvents {
        @Override
        public LoopObserver to() {
            return census;
        }

        @Override
        public void accepted(Address listening, ConnectionInfo connection) {
            census.accepted(listening, connection);
            accepted.add((LoopConnection) connection);
        }
    }

    @AfterEach
    void letGo() {
        mayJudge.release(1_000_000);
    }

    private @Nullable Principal judge(String credentials) {
        judged.incrementAndGet();
        mayJudge.acquireUninterruptibly();
        return credentials.startsWith("Bearer good") ? () -> "good" : null;
    }

    private Address listen(Over over) throws IOException {
        EventLoop loop = bed.keep(bed.census()
                .watch(over.loop()
                        .observer(new Watching())
                        .ticker(ticker)
                        .limits(Limits.DEFAULT.withConnectionsMax(CONNECTIONS_MAX))
                        .start()));
        bed.keep(loop);
        Server server = bed.server()
                .authorization(Authorizer.byCredentials(this::judge))
                .onLoop("here", asked -> asked)
                .on("there", asked -> asked)
                .onDuplex(STREAM, (in, out, exchange) -> {
                    for (Message next = in.receive(); next != null; next = in.receive()) {
                        out.send(next);
                    }
                })
                .listen(loop, over.free());
        bed.keep(server);
        return server.address();
    }

    private MessagePeer peer(Address address) throws IOException {
        return bed.keep(MessagePeer.connect(address));
    }

    private static Message bad(long id, String action) {
        return request(id, action, Message.text("x"));
    }

    private static Message good(long id, String action) {
        return bad(id, action).with("authorization", "Bearer good");
    }

    private static void assertRefused(MessagePeer peer, String code) throws IOException {
        assertThat(peer.receive().header().text(Header.STATUS)).isEqualTo(code);
    }

    private static void assertServed(MessagePeer peer, Message request) throws IOException {
        Message answer = peer.send(request).receive();
        assertThat(answer.header().text(Header.STATUS)).isNull();
        assertThat(answer.header().id()).isEqualTo(request.header().id());
    }

    @ParameterizedTest
    @EnumSource
    void whoShowsNoneIsClosedTenSecondsAfterItCame(Over over) throws Exception {
        Address address = listen(over);
        MessagePeer silent = peer(address);
        MessagePeer wrong = peer(address);
        MessagePeer known = peer(address);
        wrong.send(bad(1, "here"));
        assertRefused(wrong, "unauthorized");
        assertServed(known, good(1, "here"));
        Await.until("all are there", () -> accepted.size() == 3);
        ticker.advance(Duration.ofMillis(9_999));
        wrong.send(bad(2, "here").with("authorization", "Bearer bad"));
        assertRefused(wrong, "unauthorized");
        assertServed(known, bad(2, "there"));
        ticker.advance(Duration.ofMillis(1));
        for (MessagePeer late : List.of(silent, wrong)) {
            Message last = late.receive();
            assertThat(last.header().text(Header.STATUS)).isEqualTo("timeout");
            assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
            assertThat(last.text()).contains("no credentials were accepted within 10 s");
            assertThat(late.raw.receiveToEnd()).isEmpty();
            late.close();
        }
        Await.until(
                "both are closed",
                () -> census.closedByReason().getOrDefault(CloseReason.AUTHORIZATION_TIMEOUT, 0L) == 2);
        ticker.advance(Duration.ofSeconds(30));
        assertServed(known, bad(3, "here"));
    }

    @ParameterizedTest
    @EnumSource
    void aQuarterOfAllConnectionsMayHaveShownNone(Over over) throws Exception {
        Address address = listen(over);
        var strangers = new ArrayList<MessagePeer>();
        for (int i = 0; i < STRANGERS_MAX; i++) {
            strangers.add(peer(address));
        }
        Await.until("all are there", () -> accepted.size() == STRANGERS_MAX);
        MessagePeer oneMore = peer(address);
        Message words = oneMore.receive();
        assertThat(words.header().text(Header.STATUS)).isEqualTo("busy");
        assertThat(words.header().isTrue(Header.CLOSE)).isTrue();
        assertThat(words.text()).contains("its limit of connections without accepted credentials, " + STRANGERS_MAX);
        assertThat(census.warnings()).singleElement().asString().contains("have no accepted credentials yet");
        for (MessagePeer stranger : strangers) {
            assertServed(stranger, good(1, "there"));
        }
        for (int i = STRANGERS_MAX; i < CONNECTIONS_MAX; i++) {
            assertServed(peer(address), good(1, i % 2 == 0 ? "here" : "there")); // one after another, all may come
        }
        assertThat(peer(address).receive().text()).contains("its limit of connections, " + CONNECTIONS_MAX);
        strangers.getFirst().close();
        Await.until("it is closed", () -> census.closedByReason().containsKey(CloseReason.PEER));
        assertServed(peer(address), good(1, "here"));
    }

    @ParameterizedTest
    @EnumSource
    void oneRequestAtATimeIsTaken(Over over) throws Exception {
        Address address = listen(over);
        MessagePeer peer = peer(address);
        mayJudge.drainPermits();
        var all = new ByteArrayOutputStream();
        for (int id = 1; id <= FLOOD; id++) {
            // Each has credentials of its own, so each is judged.
            all.writeBytes(MessagePeer.bytes(bad(id, "there").with("authorization", "Bearer good " + id)));
        }
        peer.raw.send(all.toByteArray());
        Await.until("the first is judged", () -> judged.get() == 1);
        mayJudge.release();
        Await.until("the others come through at once", () -> judged.get() == FLOOD);
        mayJudge.release(FLOOD);
        for (int i = 0; i < FLOOD; i++) {
            assertThat(peer.receive().header().text(Header.STATUS)).isNull();
        }
        MessagePeer other = peer(address);
        mayJudge.drainPermits();
        for (int id = 1; id <= FLOOD; id++) {
            other.send(bad(id, "there").with("authorization", "Bearer bad").with("timeout-ms", 60_000));
        }
        for (int i = 1; i <= FLOOD; i++) {
            int turn = FLOOD + i;
            Await.until("the next is judged", () -> judged.get() == turn);
            goAround();
            assertThat(judged.get()).isEqualTo(turn);
            mayJudge.release();
            assertRefused(other, "unauthorized");
        }
    }

    /** The time of each stream is over before it is judged, but its judge still works. */
    @ParameterizedTest
    @EnumSource
    void oneStreamAtATimeIsJudgedEvenIfItsTimeIsOver(Over over) throws Exception {
        MessagePeer peer = peer(listen(over));
        mayJudge.drainPermits();
        int count = 5;
        for (int id = 1; id <= count; id++) {
            peer.send(bad(id, "stream").with("authorization", "Bearer bad").with("timeout-ms", 1_000));
        }
        for (int i = 1; i <= count; i++) {
            int turn = i;
            Await.until("the next is judged", () -> judged.get() == turn);
            ticker.advance(Duration.ofSeconds(1));
            assertRefused(peer, "timeout");
            goAround();
            assertThat(Await.within(Duration.ofMillis(20), () -> judged.get() > turn))
                    .isFalse();
            mayJudge.release();
        }
    }

    /** Waits until the loop has done what was due, and gone around once more. */
    private void goAround() throws Exception {
        for (int i = 0; i < 2; i++) {
            var turned = new CompletableFuture<@Nullable Void>();
            accepted.element().loop().execute(() -> turned.complete(null));
            turned.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersThatItDoesNotTakeAreFew(Over over) throws Exception {
        Address address = listen(over);
        MessagePeer deaf = peer(address);
        var bytes = new ByteArrayOutputStream();
        for (String action : List.of("here", "there", "nobody", "parley.peer")) {
            bytes.writeBytes(MessagePeer.bytes(bad(Header.ID_MAX, action)));
        }
        var sender = Thread.ofVirtual().start(() -> sendForEver(deaf, bytes.toByteArray()));
        Await.until("answers wait", () -> !accepted.isEmpty() && queuedBytes() > 0);
        for (int look = 0; look < 200; look++) {
            assertThat(queuedBytes()).isLessThanOrEqualTo(QUEUED_BYTES_MAX);
        }
        deaf.close();
        sender.join();
    }

    private static void sendForEver(MessagePeer peer, byte[] bytes) {
        try {
            while (true) {
                peer.raw.send(bytes);
            }
        } catch (IOException closed) {
            return;
        }
    }

    private long queuedBytes() {
        LoopConnection first = accepted.element();
        var queued = new CompletableFuture<Long>();
        first.loop().execute(() -> queued.complete(first.queuedBytes()));
        return queued.join();
    }

    @ParameterizedTest
    @EnumSource
    void itLearnsNoNamesAndOpensNoStreams(Over over) throws Exception {
        MessagePeer peer = peer(listen(over));
        peer.send(bad(1, "ther"));
        Message refused = peer.receive();
        assertThat(refused.header().text(Header.STATUS)).isEqualTo("unauthorized");
        assertThat(refused.text()).doesNotContain("there");
        peer.send(bad(2, "stream").withProtocolKey("more", true))
                .send(piece(2).withProtocolKey("more", true))
                .send(piece(2));
        assertRefused(peer, "unauthorized");
        peer.send(bad(3, "nobody").withProtocolKey("more", true)).send(piece(3));
        assertRefused(peer, "unauthorized");
        peer.send(good(4, "ther"));
        Message unknown = peer.receive();
        assertThat(unknown.header().text(Header.STATUS)).isEqualTo("unknown-action");
        assertThat(unknown.text()).contains("there");
        peer.send(bad(5, "nobody").withProtocolKey("more", true)).send(piece(5));
        assertRefused(peer, "unknown-action");
        peer.send(bad(6, "stream").withProtocolKey("more", true)).send(piece(6));
        for (boolean hasMore = true; hasMore; ) {
            Message echoed = peer.receive();
            assertThat(echoed.header().text(Header.STATUS)).isNull();
            hasMore = echoed.header().hasMore();
        }
        assertServed(peer, bad(7, "there"));
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatConnectedTooEarlyConnectsAgainForItsFirstCall(Over over) throws Exception {
        Address address = listen(over);
        EventLoop own = bed.newLoop(over.loop());
        Client client = Client.builder(address).loop(own).connect();
        bed.keep(client);
        Await.until("it is there", () -> accepted.size() == 1);
        goAround();
        ticker.advance(Duration.ofSeconds(10));
        Await.until("it is not connected any more", () -> client.state() == ClientState.IDLE);
        Message request = Message.text("x");
        assertThat(client.call("there", request.with("authorization", "Bearer good"))
                        .text())
                .isEqualTo("x");
        assertThat(client.call("here", request).text()).isEqualTo("x");
    }

    private static Message piece(long id) {
        return Message.text("piece").going(Direction.REQUEST, id);
    }
}
