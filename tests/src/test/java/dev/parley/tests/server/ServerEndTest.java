package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests how a connection ends after an error, a drain or its only response, and what is reported of that. */
@Timeout(120)
class ServerEndTest {
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final byte[] BAD_HEADER = {0, 2, '{', 'x'};

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final CountDownLatch mayReturn = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    @AfterEach
    void letGo() {
        mayReturn.countDown();
    }

    private Message await(Message request) throws InterruptedException {
        running.incrementAndGet();
        mayReturn.await();
        return request;
    }

    private ServerBuilder settings(UnaryOperator<ServerBuilder> more) {
        return more.apply(bed.server()
                .requestObserver(over -> told.add(over.action() + " " + over.status()))
                .on("wait", this::await)
                .onLoop("here", request -> request)
                .onStream(STREAM, (asked, out) -> {
                    out.send(Message.text("a value"));
                    if (asked.text().equals("wait")) {
                        await(asked);
                    }
                }));
    }

    private Server server() throws IOException {
        return bed.listen(settings(all -> all));
    }

    private static byte[] all(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static void expectLastWords(MessagePeer peer) throws IOException {
        Message last = peer.receiveAnswer();
        assertThat(last.status()).contains("bad-header");
        assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
    }

    // After an error. The time stands still, so nothing may wait for the end of the grace period.

    @Test
    void theErrorFollowsARequestThatWasHandledOnTheLoop() throws Exception {
        MessagePeer peer = bed.peer(server());
        peer.raw.send(all(
                MessagePeer.bytes(request(0, "wait", Message.text("slow"))),
                MessagePeer.bytes(request(0, "here", Message.text("quick"))),
                BAD_HEADER));
        Await.until("it runs", () -> running.get() == 1);
        mayReturn.countDown();
        assertThat(peer.receiveAnswer().text()).isEqualTo("slow");
        assertThat(peer.receiveAnswer().text()).isEqualTo("quick");
        expectLastWords(peer);
    }

    @Test
    void theErrorFollowsARequestThatWasUnpacked() throws Exception {
        MessagePeer peer = bed.peer(server());
        Message packed = request(5, "here", Message.binary("x", gzip("packed"))).with(Header.CONTENT_CODING, "gzip");
        peer.raw.send(all(MessagePeer.bytes(packed), BAD_HEADER));
        assertThat(peer.receiveAnswer().status()).isEmpty();
        expectLastWords(peer);
    }

    // Drains.

    private CompletableFuture<DrainReport> drain(Server server, Duration delay, Duration grace) {
        var drained = new CompletableFuture<DrainReport>();
        Thread.startVirtualThread(() -> {
            try {
                drained.complete(server.drain(delay, grace));
            } catch (InterruptedException e) {
                drained.completeExceptionally(e);
            }
        });
        return drained;
    }

    @Test
    void whatADrainCutsIsReportedWithTheErrorThatTheClientGets() throws Exception {
        Server server = bed.listen(settings(all -> all.limits(MessageLimits.DEFAULT.withInFlightMax(2))));
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "wait", Message.text("")));
        peer.send(request(0, "wait", Message.text("")));
        peer.send(request(2, "stream", Message.text("wait")));
        Await.until("they run", () -> running.get() == 3);
        peer.send(request(3, "wait", Message.text("")));
        peer.send(request(9, "here", Message.text("all is read")));
        assertThat(peer.receiveAnswer().text()).isEqualTo("a value");
        assertThat(peer.receiveAnswer().text()).isEqualTo("all is read");
        told.clear();

        var _ = drain(server, Duration.ZERO, Duration.ofSeconds(1));
        Await.until("it drains", () -> !server.isServing());
        Await.until("all is told", () -> {
            bed.ticker().advance(Duration.ofMillis(100));
            return told.size() >= 4;
        });
        assertThat(told)
                .containsExactlyInAnyOrder(
                        "wait unavailable", "wait unavailable", "stream unavailable", "wait going-away");
        for (int i = 0; i < 3; i++) {
            assertThat(peer.receiveAnswer().status()).contains("unavailable");
        }
        assertThat(peer.receiveAnswer().status()).contains("going-away");
    }

    @Test
    void aSecondDrainJoinsTheFirstAndMayShortenIt() throws Exception {
        Server server = server();
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "wait", Message.text("")));
        Await.until("it runs", () -> running.get() == 1);
        CompletableFuture<DrainReport> first = drain(server, Duration.ZERO, Duration.ofDays(1));
        Await.until("it drains", () -> !server.isServing());
        CompletableFuture<DrainReport> second = drain(server, Duration.ZERO, Duration.ofSeconds(1));
        Await.until("both are over", () -> {
            bed.ticker().advance(Duration.ofMillis(100));
            return first.isDone() && second.isDone();
        });
        assertThat(first.get()).isEqualTo(new DrainReport(1, 1, 1)).isEqualTo(second.get());
    }

    @Test
    void aDrainEndsIfTheLoopOfItsDelayIsClosed() throws Exception {
        EventLoop own = bed.newLoop();
        Server server = bed.keep(settings(all -> all).listen(own, Address.parse("tcp://127.0.0.1:0")));
        CompletableFuture<DrainReport> drained = drain(server, Duration.ofDays(1), Duration.ofDays(1));
        Await.until("it says so", () -> !server.isServing());
        own.close();
        assertThat(drained.get(60, TimeUnit.SECONDS)).isEqualTo(DrainReport.NOTHING);
    }

    // After the only response.

    @Test
    void aConnectionForOneResponseEndsAfterAStreamToo() throws Exception {
        Server server = bed.listen(settings(all -> all.closeAfterResponse(true)));
        MessagePeer peer = bed.peer(server);
        peer.send(request(1, "stream", Message.text("")));
        assertThat(peer.receiveAnswer().text()).isEqualTo("a value");
        assertThat(peer.receiveAnswer().header().hasMore()).isFalse();
        assertThat(peer.raw.receiveToEnd()).isEmpty();
    }
}
