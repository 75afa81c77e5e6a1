package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.contract.ForwardingEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests many peers that are slow, at once, in virtual time: when each is closed, and that a good one is answered. */
@Timeout(300)
class SlowPeersTest {
    private static final int SLOW = 200;
    private static final int DEAF = 30;
    private static final int BIG_BYTES = 64 * 1024;
    private static final Duration STEP = Duration.ofMillis(100);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final Queue<LoopConnection> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Long> writeTimeouts = new ConcurrentLinkedQueue<>();
    private final EventLoop loop = bed.keep(bed.census()
            .watch(EventLoop.builder().observer(new Watching()).ticker(ticker).start()));
    private final long startNanos = ticker.nanos();

    /** The census, and the other observations that these tests need. */
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

        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            if (reason == CloseReason.WRITE_TIMEOUT) {
                writeTimeouts.add(millisNow());
            }
            census.closed(connection, reason, cause);
        }
    }

    private long millisNow() {
        return Duration.ofNanos(ticker.nanos() - startNanos).toMillis();
    }

    private Address listen() throws IOException {
        Message big = Message.binary("x", new byte[BIG_BYTES]);
        Server server = bed.server()
                .onLoop("now", request -> Message.text("now"))
                .onLoop("big", request -> big)
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        bed.keep(server);
        return server.address();
    }

    private MessagePeer peer(Address address) throws IOException {
        return bed.keep(MessagePeer.connect(address));
    }

    private void answers(MessagePeer good) throws IOException {
        assertThat(good.send(request(1, "now", Message.text(""))).receive().text())
                .isEqualTo("now");
    }

    @Test
    void aSlowHeaderHasTenSeconds() throws Exception {
        byte[] frame = MessagePeer.bytes(request(2, "now", Message.text("")));
        slowlySent("S1", frame, 1, 10);
    }

    @Test
    void aSlowContentHasThirtySeconds() throws Exception {
        byte[] frame = MessagePeer.bytes(request(2, "now", Message.binary("x", new byte[1024 * 1024])));
        slowlySent("S2", frame, frame.length - 1024 * 1024 + 1, 30);
    }

    /**
     * Starts peers that each send so much of a message behind a whole one, and then a byte each second. Returns when
     * each gets the end.
     */
    private void slowlySent(String promise, byte[] frame, int atOnce, int seconds) throws Exception {
        Address address = listen();
        MessagePeer good = peer(address);
        var slow = new ArrayList<MessagePeer>();
        for (int i = 0; i < SLOW; i++) {
            MessagePeer peer = peer(address);
            var first = new ByteArrayOutputStream();
            first.writeBytes(MessagePeer.bytes(request(1, "now", Message.text(""))));
            first.write(frame, 0, atOnce);
            peer.raw.send(first.toByteArray());
            slow.add(peer);
        }
        for (MessagePeer peer : slow) {
            assertThat(peer.receive().text()).isEqualTo("now"); // so what follows it has been read as well
        }
        for (int second = 1; second < seconds; second++) {
            ticker.advance(Duration.ofSeconds(1));
            for (MessagePeer peer : slow) {
                peer.raw.send(frame[atOnce + second - 1]);
            }
            answers(good);
        }
        var ends = new ArrayList<CompletableFuture<Long>>();
        for (MessagePeer peer : slow) {
            ends.add(endOf(peer));
        }
        List<Long> millis = untilAllAreDone(ends, seconds * 1_000L + 1_000, good);
        System.out.printf(
                "promise %s: %d slow clients, each told 'timeout' %d to %d ms after its first byte, others answered%n",
                promise, SLOW, Collections.min(millis), Collections.max(millis));
        assertThat(millis).allMatch(at -> at >= seconds * 1_000L && at <= seconds * 1_000L + 1_000);
    }

    /** Returns when the peer got the end, in virtual time. */
    private CompletableFuture<Long> endOf(MessagePeer peer) {
        var end = new CompletableFuture<Long>();
        Thread.startVirtualThread(() -> {
            try {
                Message last = peer.receive();
                long at = millisNow();
                assertThat(last.status()).contains("timeout");
                assertThat(peer.raw.receiveToEnd()).isEmpty();
                end.complete(at);
            } catch (IOException | AssertionError e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private List<Long> untilAllAreDone(List<CompletableFuture<Long>> ends, long lastMillis, MessagePeer good)
            throws Exception {
        while (millisNow() < lastMillis && !Await.within(STEP, () -> areDone(ends))) {
            ticker.advance(STEP);
            answers(good);
        }
        Await.until("all are closed", () -> areDone(ends));
        var millis = new ArrayList<Long>();
        for (CompletableFuture<Long> end : ends) {
            millis.add(end.get());
        }
        return millis;
    }

    private static boolean areDone(List<CompletableFuture<Long>> ends) {
        return ends.stream().allMatch(CompletableFuture::isDone);
    }

    @Test
    void whoDoesNotReadHoldsLittleAndIsClosed() throws Exception {
        Address address = listen();
        MessagePeer good = peer(address);
        answers(good);
        var asking = new ByteArrayOutputStream();
        for (int id = 1; id <= 200; id++) {
            asking.writeBytes(MessagePeer.bytes(request(id, "big", Message.text(""))));
        }
        for (int i = 0; i < DEAF; i++) {
            MessagePeer deaf = peer(address);
            deaf.raw.receiveBuffer(4_096);
            deaf.raw.send(asking.toByteArray());
        }
        Await.until("all are stuck", () -> Arrays.stream(queuedOfDeaf()).allMatch(bytes -> bytes > 0));
        long most = untilTheKernelTakesNoMore();
        ticker.advance(Duration.ofMillis(9_900));
        answers(good);
        assertThat(Await.within(STEP, () -> !writeTimeouts.isEmpty())).isFalse();
        while (millisNow() < 11_000 && !Await.within(STEP, () -> writeTimeouts.size() == DEAF)) {
            ticker.advance(STEP);
            answers(good);
        }
        Await.until("each is closed by the write timeout", () -> writeTimeouts.size() == DEAF);
        System.out.printf(
                "promise S4: %d peers that do not read hold at most %d bytes each, closed after %d to %d ms,"
                        + " others answered%n",
                DEAF, most, Collections.min(writeTimeouts), Collections.max(writeTimeouts));
        assertThat(most).isLessThanOrEqualTo(64 * 1024 + BIG_BYTES + 8_192);
    }

    /** Returns the bytes that are queued for each but the good one, which was accepted first; asked on the loop. */
    private long[] queuedOfDeaf() {
        var queued = new CompletableFuture<long[]>();
        loop.execute(() -> queued.complete(
                accepted.stream().skip(1).mapToLong(LoopConnection::queuedBytes).toArray()));
        long[] all = queued.join();
        return all.length == DEAF ? all : new long[1];
    }

    /**
     * Waits until the kernel takes no more. Its buffers grow for a moment, and each byte that it takes restarts the
     * timeout.
     *
     * @return how much was queued for one at most
     */
    private long untilTheKernelTakesNoMore() {
        long[] before = queuedOfDeaf();
        long most = 0;
        for (int same = 0; same < 3; ) {
            long[] last = before;
            assertThat(Await.within(STEP, () -> false)).isFalse();
            before = queuedOfDeaf();
            most = Math.max(most, Arrays.stream(before).max().orElseThrow());
            same = Arrays.equals(last, before) ? same + 1 : 0;
        }
        return most;
    }
}
