package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests that a silent peer, and one that takes nothing, are given up after their time. */
class TimeoutContract extends TransportContract {
    TimeoutContract(Wire wire, Face face) {
        super(wire, face);
    }

    @Test
    void silenceEndsWithIdle() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        ticker.advance(Duration.ofSeconds(31));
        assertThat(census.awaitClosed(pair.server().info())).isIn(CloseReason.IDLE, CloseReason.PEER);
        assertThat(census.awaitClosed(pair.client().info())).isIn(CloseReason.IDLE, CloseReason.PEER);
        assertThat(census.closedByReason()).containsKey(CloseReason.IDLE);
    }

    @Test
    void bytesPostponeIdle() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        for (int i = 0; i < 10; i++) {
            ticker.advance(Duration.ofSeconds(12)); // a turn under way may still count by the time before
            pair.client().send(text("x"));
            assertThat(pair.server().receive(1)).isEqualTo(text("x"));
            pair.server().send(text("y"));
            assertThat(pair.client().receive(1)).isEqualTo(text("y"));
        }
        assertThat(census.closedByReason()).isEmpty();
    }

    @Test
    void anIdleTimeoutOfZeroNeverEnds() throws Exception {
        limits = limits.withIdleTimeout(Duration.ZERO);
        Pair pair = pairInManualTime();
        ticker.advance(Duration.ofDays(1000));
        pair.client().send(text("x"));
        assertThat(pair.server().receive(1)).isEqualTo(text("x"));
    }

    @Test
    void aPeerThatTakesNothingEndsWithWriteTimeout() throws Exception {
        limits = limits.withWriteTimeout(Duration.ofSeconds(10)).withIdleTimeout(Duration.ZERO);
        Pair pair = pairInManualTime();
        pair.client().pause();
        Future<?> sending = pair.server().sendInBackground(random(32 * MIB, 9));
        Await.until("the watch over the peer has begun", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return pair.server().info().closeReason() != null;
        });
        assertThat(census.awaitClosed(pair.server().info())).isEqualTo(CloseReason.WRITE_TIMEOUT);
        if (face == Face.STREAMS) {
            assertThatThrownBy(() -> sending.get(60, TimeUnit.SECONDS)).hasMessageContaining("write-timeout");
        }
    }

    /** A process that was stopped finds input and expired timers together: the input counts. */
    @Test
    void inputThatIsThereIsReadBeforeSilenceIsJudged() throws Exception {
        limits = limits.withIdleTimeout(Duration.ofSeconds(30));
        Pair pair = pairInManualTime();
        EventLoop held = Objects.requireNonNull(serverLoop);
        for (int i = 0; i < 20; i++) {
            var letGo = new CountDownLatch(1);
            var holding = new CountDownLatch(1);
            held.execute(() -> {
                holding.countDown();
                try {
                    letGo.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            holding.await();
            pair.client().send(text("x"));
            ticker.advance(Duration.ofSeconds(29));
            letGo.countDown();
            assertThat(pair.server().receive(1)).isEqualTo(text("x"));
            pair.server().send(text("y"));
            assertThat(pair.client().receive(1)).isEqualTo(text("y"));
        }
        assertThat(census.closedByReason()).isEmpty();
    }
}
