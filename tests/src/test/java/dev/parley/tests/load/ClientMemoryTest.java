package dev.parley.tests.load;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.net.MemoryCap;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests the memory that a server holds for its clients: it is counted, has a cap for all together, and an idle client
 * costs little.
 */
@Timeout(300)
class ClientMemoryTest {
    /**
     * The number of idle clients. The whole heap is measured, so the changes that others make in it meanwhile are
     * little for each of so many.
     */
    private static final int IDLE = 200;

    private static final int MEBIBYTE = 1024 * 1024;

    /**
     * The cap, which is several times what io_uring receives for one connection before it can be stopped (up to 4 MiB).
     */
    private static final int CAP_BYTES = 32 * MEBIBYTE;

    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);

    private final Census census = new Census();
    private final MemoryCap cap = MemoryCap.of(CAP_BYTES);
    private final ManualTicker ticker = new ManualTicker();
    private final EventLoop loop = census.watch(
            EventLoop.builder().observer(census).ticker(ticker).memory(cap).start());
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Server server = listen();

    private Server listen() {
        try {
            return Server.builder()
                    .observer(census)
                    .on("wait", (request, exchange) -> {
                        started.incrementAndGet();
                        mayReturn.acquireUninterruptibly();
                        return Message.text("waited");
                    })
                    .onUpload(UPLOAD, in -> {
                        started.incrementAndGet();
                        mayReturn.acquireUninterruptibly();
                        return Message.text("unread");
                    })
                    .on("large", request -> Message.binary("x", new byte[60_000]))
                    .on("size", request -> Message.text(Integer.toString(request.content().length)))
                    .onLoop("now", request -> Message.text("now"))
                    .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        mayReturn.release(1_000_000);
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        Await.until("nothing is counted that is not held", () -> {
            ticker.advance(Duration.ofMillis(100)); // who waits for memory is looked at again
            return cap.heldBytes() == 0;
        });
        server.close();
        loop.close();
        census.assertNothingLeft();
    }

    private MessagePeer peer() throws IOException {
        MessagePeer peer = MessagePeer.connect(server.address());
        open.add(peer);
        return peer;
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static Message withLargeHeader(Message message) {
        Message with = message;
        for (int i = 0; i < 7; i++) {
            with = with.with("note-" + i, "n".repeat(1_000));
        }
        return with;
    }

    private static void sendLargeOnes(MessagePeer peer) throws IOException {
        for (String action : List.of("now", "size")) {
            peer.send(request(2, action, Message.binary("x", new byte[MEBIBYTE])))
                    .receive();
            peer.send(withLargeHeader(request(3, action, Message.binary("x", new byte[10]))))
                    .receive();
        }
        peer.send(request(4, "now", Message.binary("x", new byte[MEBIBYTE]))).receive();
    }

    @Test
    void aClientThatIsIdleCostsLittleWhateverItAskedBefore() throws Exception {
        var peers = new ArrayList<MessagePeer>();
        for (int i = 0; i < IDLE; i++) {
            peers.add(peer().send(request(1, "now", Message.text("x"))));
            peers.getLast().receive();
        }
        sendLargeOnes(peer()); // so that what the loop keeps for all of them is there
        long before = usedBytes();
        for (MessagePeer peer : peers) {
            sendLargeOnes(peer);
        }
        long each = (usedBytes() - before) / peers.size();
        System.out.printf("promise memory: a client that sent 1 MiB and long headers holds %d bytes when idle%n", each);
        assertThat(each).isLessThan(8 * 1024);
        assertThat(cap.heldBytes()).isZero();
    }

    /** Timers that were cancelled wait for their time, and must not keep what they were for. */
    @Test
    void aClientThatIsGoneCostsNothing() throws Exception {
        for (int i = 0; i < 150; i++) {
            peer().send(request(1, "now", Message.text("x"))).receive();
        }
        byte[] frame = MessagePeer.bytes(request(1, "size", Message.binary("x", new byte[MEBIBYTE])));
        long before = usedBytes();
        int gone = 40;
        for (int i = 0; i < gone; i++) {
            MessagePeer peer = peer();
            peer.raw.send(Arrays.copyOf(frame, frame.length / 2));
            Await.until("it is received", () -> cap.heldBytes() >= MEBIBYTE / 2);
            peer.close();
            Await.until("it is gone", () -> cap.heldBytes() == 0);
        }
        assertThat((usedBytes() - before) / gone).isLessThan(64 * 1024);
    }

    /** Asks now and then, as the others do what they do. */
    private void othersAreAnswered(MessagePeer other, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            assertThat(other.send(request(i + 1, "now", Message.text("x")))
                            .receive()
                            .text())
                    .isEqualTo("now");
            assertThat(cap.heldBytes()).isLessThan(CAP_BYTES + CAP_BYTES / 4);
        }
    }

    @Test
    void halfContentsWaitAndThenTheLargestIsClosed() throws Exception {
        MessagePeer other = peer();
        byte[] frame = MessagePeer.bytes(request(1, "size", Message.binary("x", new byte[MEBIBYTE])));
        for (int i = 0; i < 40; i++) {
            MessagePeer peer = peer();
            Thread.startVirtualThread(() -> sendSome(peer, frame));
        }
        Await.until("most of the memory is taken", () -> cap.heldBytes() > CAP_BYTES * 3 / 4);
        othersAreAnswered(other, 50);
        ticker.advance(Duration.ofMillis(1_100));
        Await.until("one is closed", () -> census.closedByReason().containsKey(CloseReason.LIMIT));
        othersAreAnswered(other, 50);
    }

    private static void sendStreams(MessagePeer peer) {
        try {
            for (int id = 1; id <= 50; id++) {
                Message piece = request(id, "upload", Message.binary("x", new byte[20_000]))
                        .withProtocolKey("more", true);
                peer.send(piece).send(piece).send(piece);
            }
        } catch (IOException closed) {
            return;
        }
    }

    /** Sends until the bytes are not taken any more. */
    private static void sendSome(MessagePeer peer, byte[] frame) {
        try {
            peer.raw.send(Arrays.copyOf(frame, frame.length - 1));
        } catch (IOException closed) {
            return;
        }
    }

    @Test
    void requestsThatRunAreCountedUntilTheirHandlersEnd() throws Exception {
        MessagePeer other = peer();
        byte[] frame = MessagePeer.bytes(request(1, "wait", Message.binary("x", new byte[MEBIBYTE])));
        for (int i = 0; i < 50; i++) {
            MessagePeer peer = peer();
            Thread.startVirtualThread(() -> sendSome(peer, frame));
            var _ = peer.send(request(2, "wait", Message.binary("x", new byte[1_000])));
        }
        Await.until("handlers run", () -> started.get() > 3);
        othersAreAnswered(other, 50);
    }

    @Test
    void answersThatNoClientReadsAreNotMadeBeyondTheCap() throws Exception {
        MessagePeer other = peer();
        for (int i = 0; i < 16; i++) {
            MessagePeer peer = peer();
            for (int id = 1; id <= 100; id++) {
                peer.send(request(id, "large", Message.text("x")));
            }
        }
        othersAreAnswered(other, 50);
        assertThat(cap.heldBytes()).isLessThan(CAP_BYTES);
        assertThat(census.closedByReason()).doesNotContainKey(CloseReason.LIMIT);
    }

    @Test
    void whatWaitsInStreamsIsCounted() throws Exception {
        MessagePeer other = peer();
        for (int i = 0; i < 10; i++) {
            MessagePeer peer = peer();
            Thread.startVirtualThread(() -> sendStreams(peer));
        }
        Await.until("half of the memory is taken", () -> cap.heldBytes() > CAP_BYTES / 2);
        othersAreAnswered(other, 50);
        mayReturn.release(1_000);
        Await.until("the handlers have let go", () -> {
            ticker.advance(Duration.ofMillis(100));
            return cap.heldBytes() < MEBIBYTE;
        });
    }
}
