package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests that code that holds a loop is named. Time is moved by hand, and the loop is checked whenever the time moves.
 */
@Timeout(300)
class BlockedLoopDetectorTest {
    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final Census census = bed.census();
    private final ManualTicker ticker = bed.ticker();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    private final EventLoop loop = bed.newLoop(EventLoop.builder().name("parley-loop-held"));

    @AfterEach
    void letGo() {
        end.countDown();
    }

    private void holdIt() {
        held.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitHeld() throws InterruptedException {
        held.await();
        Await.until("the loop's thread waits", () -> Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread ->
                        thread.getName().equals("parley-loop-held") && thread.getState() == Thread.State.WAITING));
    }

    @Test
    void codeThatWaitsOnTheLoopIsNamedOnce() throws Exception {
        loop.execute(this::holdIt);
        awaitHeld();
        ticker.advance(Duration.ofMillis(1));
        ticker.advance(Duration.ofMillis(98)); // the watching thread may have looked before the first of these
        assertThat(census.warnings()).isEmpty();
        ticker.advance(Duration.ofMillis(2));
        assertThat(census.warnings())
                .singleElement()
                .asString()
                .matches("parley-loop-held has been blocked for 10[01] ms or more by .*")
                .contains(
                        "BlockedLoopDetectorTest.holdIt(BlockedLoopDetectorTest.java:",
                        "which waits in java.util.concurrent.CountDownLatch.await,");
        ticker.advance(Duration.ofHours(1));
        assertThat(census.warnings()).hasSize(1);
    }

    @Test
    void aReceiverIsNamedToo() throws Exception {
        var listener = loop.listen("tcp://127.0.0.1:0", (connection, bytes) -> holdIt());
        try (var peer = RawPeer.connect(listener.address())) {
            peer.send("x");
            awaitHeld();
            ticker.advance(Duration.ofMillis(1));
            ticker.advance(Duration.ofMillis(100));
            assertThat(census.warnings()).singleElement().asString().contains("BlockedLoopDetectorTest.holdIt");
            end.countDown();
        }
    }

    /** No warning is logged for a loop that only waits, or that keeps finishing its turns. */
    @Test
    void aLoopThatWaitsOrWorksIsNotNamed() throws Exception {
        for (int i = 0; i < 20; i++) {
            ticker.advance(Duration.ofSeconds(10));
            var passed = new CountDownLatch(1);
            loop.execute(passed::countDown);
            passed.await();
        }
        assertThat(census.warnings()).isEmpty();
    }
}
