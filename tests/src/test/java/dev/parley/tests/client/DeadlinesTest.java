package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls whose time is over leave nothing behind, on either side; a client without a server costs next to nothing. */
@Timeout(900)
class DeadlinesTest {
    private static final int TIMEOUTS = Boolean.getBoolean("parley.full") ? 100_000 : 10_000;
    private static final int AT_ONCE = 100;
    private static final Duration DEADLINE = Duration.ofMillis(100);
    private static final Duration GRACE = Duration.ofMillis(50);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final ManualTicker ticker = bed.ticker();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private EventLoop loop() {
        return bed.newLoop(EventLoop.builder().ticker(ticker));
    }

    /**
     * Returns a server with room for one round, and for handlers of the one before that return: lost places would be
     * missed.
     */
    private Server server() throws Exception {
        return bed.keep(bed.server()
                .limits(MessageLimits.DEFAULT.withInFlightMax(AT_ONCE).withInFlightTotalMax(2 * AT_ONCE))
                .on("wait", request -> {
                    started.incrementAndGet();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        ended.incrementAndGet();
                    }
                    return request;
                })
                .onLoop("now", request -> Message.text("now"))
                .listen(loop(), Address.parse("tcp://127.0.0.1:0")));
    }

    @Test
    void timeoutsLeaveNothingPending() throws Exception {
        Server server = server();
        Client client = bed.keep(Client.builder(server.address())
                .loop(loop())
                .limits(MessageLimits.DEFAULT.withInFlightMax(AT_ONCE + 1)) // one more, to ask meanwhile
                .retries(false)
                .connect());
        assertThat(client.call("now", Message.text(""), CallOptions.DEFAULT.withoutTimeout())
                        .text())
                .isEqualTo("now");
        int timedOut = 0;
        for (int round = 1; round <= TIMEOUTS / AT_ONCE; round++) {
            var calls = new ArrayList<CompletableFuture<Message>>();
            for (int i = 0; i < AT_ONCE; i++) {
                calls.add(client.callAsync("wait", Message.text(""), CallOptions.timeout(DEADLINE))
                        .toCompletableFuture());
            }
            int running = round * AT_ONCE;
            Await.until("all of them run", () -> started.get() == running);
            ticker.advance(DEADLINE.minusMillis(1));
            assertThat(client.call("now", Message.text(""), CallOptions.DEFAULT.withoutTimeout())
                            .text())
                    .isEqualTo("now");
            assertThat(calls).noneMatch(CompletableFuture::isDone);
            ticker.advance(GRACE.plusMillis(1));
            Await.until("each has ended", () -> calls.stream().allMatch(CompletableFuture::isDone));
            for (CompletableFuture<Message> call : calls) {
                assertThat(call.exceptionNow()).isInstanceOf(TimedOutException.class);
                timedOut++;
            }
            Await.until("no handler is left", () -> ended.get() == running);
        }
        for (int i = 0; i < AT_ONCE; i++) {
            assertThat(client.call("now", Message.text(""), CallOptions.DEFAULT.withoutTimeout())
                            .text())
                    .isEqualTo("now");
        }
        System.out.printf(
                "promise R3: %d calls timed out, each within %d ms of its deadline; %d handlers told, no place lost on"
                        + " either side, %d late answers dropped%n",
                timedOut, GRACE.toMillis(), ended.get(), client.lateResponses());
        assertThat(timedOut).isEqualTo(TIMEOUTS);
    }

    @Test
    void aClientWhoseServerIsAwayCostsNextToNothing() throws Exception {
        EventLoop real = bed.newLoop();
        var known = new CompletableFuture<Long>();
        real.execute(() -> known.complete(Thread.currentThread().threadId()));
        long ownThread = known.get();
        Client client = bed.keep(Client.builder(Address.parse("tcp://127.0.0.1:1"))
                .loop(real)
                .waitForReady(true)
                .start());
        var waiting = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < AT_ONCE; i++) {
            waiting.add(client.callAsync("x", Message.text(""), CallOptions.timeout(Duration.ofMinutes(1)))
                    .toCompletableFuture());
        }
        var threads = ManagementFactory.getThreadMXBean();
        long cpuBefore = threads.getThreadCpuTime(ownThread);
        long before = System.nanoTime();
        assertThat(Await.within(Duration.ofSeconds(2), () -> waiting.stream().anyMatch(CompletableFuture::isDone)))
                .isFalse();
        long took = System.nanoTime() - before;
        long cpu = threads.getThreadCpuTime(ownThread) - cpuBefore;
        System.out.printf(
                "promise R4: with %d calls that wait for a server that is away, the client's loop takes %.2f %% of a"
                        + " core%n",
                AT_ONCE, 100.0 * cpu / took);
        assertThat(cpu).isLessThan(took / 10);
        client.close();
        assertThatThrownBy(() -> waiting.getFirst().get()).hasMessageContaining("the client is closed");
    }
}
