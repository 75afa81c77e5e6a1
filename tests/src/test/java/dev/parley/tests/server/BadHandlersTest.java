package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.Header;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.GzipBomb;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests handlers that never end, that throw anything at all, and content that unpacks to far more: each costs only
 * itself.
 */
@Timeout(300)
class BadHandlersTest {
    private static final int THROWS = 10_000;
    private static final int ASKED = 100;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger thrown = new AtomicInteger();
    private final AtomicLong loopThread = new AtomicLong();

    private Server listen(UnaryOperator<ServerBuilder> further) throws IOException {
        ServerBuilder settings = bed.server()
                .on("wait", request -> {
                    started.incrementAndGet();
                    mayReturn.acquireUninterruptibly();
                    return request;
                })
                .onLoop("now", request -> {
                    loopThread.set(Thread.currentThread().threadId());
                    return Message.text("now");
                });
        return bed.listen(further.apply(settings));
    }

    private MessagePeer peer(Server server) throws IOException {
        return bed.peer(server);
    }

    @AfterEach
    void letGo() {
        mayReturn.release(1_000);
    }

    /** Sends a request, and returns after how many nanoseconds its answer, of this status, was there. */
    private static long nanosOf(MessagePeer peer, long id, String action, String status) throws IOException {
        byte[] asking = MessagePeer.bytes(request(id, action, Message.text("")));
        long before = System.nanoTime();
        peer.raw.send(asking);
        Message answer = peer.receiveAnswer();
        long took = System.nanoTime() - before;
        assertThat(answer.status().orElse("ok")).isEqualTo(status);
        assertThat(answer.header().id()).isEqualTo(id);
        return took;
    }

    @Test
    void handlersThatNeverEndHoldTheirPlacesAlone() throws Exception {
        int cap = 50;
        Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightTotalMax(cap)));
        MessagePeer greedy = peer(server);
        for (int id = 1; id <= cap; id++) {
            greedy.send(request(id, "wait", Message.text("")));
        }
        Await.until("they run", () -> started.get() == cap);
        MessagePeer other = peer(server);
        var busyNanos = new long[ASKED];
        var loopNanos = new long[ASKED];
        for (int i = 0; i < ASKED; i++) {
            busyNanos[i] = nanosOf(other, 2L * i + 1, "wait", "busy");
            loopNanos[i] = nanosOf(other, 2L * i + 2, "now", "ok");
        }
        Arrays.sort(busyNanos);
        Arrays.sort(loopNanos);
        System.out.printf(
                "promise S8: %d handlers that never end; 'busy' after %.2f ms (at most %.1f), the loop answers after"
                        + " %.2f ms (at most %.1f), of %d each%n",
                cap,
                busyNanos[ASKED / 2] / 1e6,
                busyNanos[ASKED - 1] / 1e6,
                loopNanos[ASKED / 2] / 1e6,
                loopNanos[ASKED - 1] / 1e6,
                ASKED);
        assertThat(started).hasValue(cap);
        QuietMachine.assertAtMost("'busy'", Duration.ofMillis(10), busyNanos[ASKED / 2]);
        QuietMachine.assertAtMost("the loop answers", Duration.ofMillis(10), loopNanos[ASKED / 2]);
    }

    // What is thrown.

    private static final class DeathOfAThread extends Error {
        private static final long serialVersionUID = 1;
    }

    private static final class Checked extends Exception {
        private static final long serialVersionUID = 1;
    }

    private static final List<Supplier<Throwable>> ANYTHING = List.of(
            () -> new StackOverflowError("by hand"),
            () -> new OutOfMemoryError("by hand"),
            DeathOfAThread::new,
            Checked::new,
            () -> new NullPointerException(),
            () -> new LinkageError("by hand"),
            () -> new AssertionError("by hand"),
            () -> new InterruptedException("by hand"),
            () -> new Throwable("neither error nor exception"),
            BadHandlersTest::overflown);

    /** Returns a real StackOverflowError. */
    private static Throwable overflown() {
        try {
            return new IllegalStateException(String.valueOf(depth(0)));
        } catch (StackOverflowError real) {
            real.setStackTrace(new StackTraceElement[0]);
            return real;
        }
    }

    private static int depth(int here) {
        return here < 0 ? here : Math.max(depth(here + 1), here);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable any) throws T {
        throw (T) any;
    }

    private Message throwAnything() {
        BadHandlersTest.<RuntimeException>sneak(
                ANYTHING.get(thrown.getAndIncrement() % ANYTHING.size()).get());
        return Message.text("never");
    }

    @Test
    void whateverHandlersThrowCostsEachItsRequest() throws Exception {
        Server server = listen(settings ->
                settings.on("apart", request -> throwAnything()).onLoop("here", request -> throwAnything()));
        MessagePeer peer = peer(server);
        for (int id = 1; id <= THROWS; id += 50) {
            for (int i = id; i < id + 50; i++) {
                peer.send(request(i, i % 2 == 0 ? "apart" : "here", Message.text("")));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(peer.receiveAnswer().status()).contains("internal");
            }
        }
        assertThat(nanosOf(peer, 1, "now", "ok")).isPositive();
        assertThat(nanosOf(peer(server), 1, "now", "ok")).isPositive();
        int told = census.takeFailures().size();
        Await.until("what the log leaves out is counted", () -> told + leftOut() == THROWS);
        System.out.printf(
                "promise S9: %d handlers threw, of %d kinds, each answered 'internal', %d told to the log and %d counted"
                        + " there, the loop lives%n",
                thrown.get(), ANYTHING.size(), told, leftOut());
        assertThat(thrown).hasValue(THROWS);
        assertThat(told).isBetween(ANYTHING.size(), THROWS / 10);
    }

    private int leftOut() {
        Pattern count = Pattern.compile("(\\d+) further failures of handlers are not in the log");
        return census.warnings().stream()
                .map(count::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .sum();
    }

    // What unpacks.

    private record Cost(long nanos, long allocated) {}

    /** Returns the cost of a request for the loop, the best of ten times. */
    private Cost costOf(MessagePeer peer, Message asking, String status) throws IOException {
        var counter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] frame = MessagePeer.bytes(asking);
        long nanos = Long.MAX_VALUE;
        long allocated = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            assertThat(nanosOf(peer, 2, "now", "ok")).isPositive();
            long bytesBefore = counter.getThreadAllocatedBytes(loopThread.get());
            long before = System.nanoTime();
            peer.raw.send(frame);
            assertThat(peer.receiveAnswer().status().orElse("ok")).isEqualTo(status);
            nanos = Math.min(nanos, System.nanoTime() - before);
            allocated = Math.min(allocated, counter.getThreadAllocatedBytes(loopThread.get()) - bytesBefore);
        }
        return new Cost(nanos, allocated);
    }

    @Test
    void contentThatUnpacksToFarMoreIsRefusedEarly() throws Exception {
        MessagePeer peer = peer(listen(settings -> settings));
        byte[] bomb = GzipBomb.bytes(1024 * 1024);
        Message asking = request(1, "now", Message.binary("x", bomb));
        Cost asItIs = costOf(peer, asking, "ok");
        Cost unpacked = costOf(peer, asking.with(Header.CONTENT_CODING, "gzip"), "content-too-large");
        assertThat(nanosOf(peer, 3, "now", "ok")).isPositive();
        long extra = unpacked.allocated() - asItIs.allocated();
        System.out.printf(
                "promise F10: %d bytes of gzip that hold about %d MiB: refused after %.1f ms (%.1f ms where it is not"
                        + " unpacked), %d KiB allocated for unpacking, best of 10%n",
                bomb.length, bomb.length / 1024, unpacked.nanos() / 1e6, asItIs.nanos() / 1e6, extra / 1024);
        QuietMachine.assertAtMost("it is refused", Duration.ofMillis(50), unpacked.nanos());
        assertThat(extra).isLessThan(2 * 1024 * 1024 + 64 * 1024);
    }
}
