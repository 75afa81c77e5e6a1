package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests how many errors, cancels, pings and useless controls one client may send. */
class AbuseBudgetTest {
    private static final long NO_MESSAGES = 0;

    /** A time just below the wrap-around of nanoTime, which may happen at any moment. */
    private final AtomicLong nowNanos = new AtomicLong(Long.MAX_VALUE - 10);

    private final EventLoop loop = EventLoop.builder()
            .transport(new MemNetwork())
            .ticker(nowNanos::get)
            .start();
    private final AbuseBudget budget = new AbuseBudget(loop, true);

    @AfterEach
    void close() {
        loop.close();
    }

    private void pass(Duration time) {
        nowNanos.addAndGet(time.toNanos());
    }

    @Test
    void aHundredErrorsInAMinuteAreAllowed() {
        for (int i = 0; i < 100; i++) {
            assertThat(budget.error()).as("error %d", i).isFalse();
        }
        pass(Duration.ofSeconds(60).minusNanos(1));
        assertThat(budget.error()).isTrue();
        pass(Duration.ofNanos(1));
        assertThat(budget.error()).as("in the next minute").isFalse();
    }

    @Test
    void twoHundredCancelsAreAllowed() {
        for (int i = 1; i <= 200; i++) {
            assertThat(budget.cancel(i)).as("cancel %d", i).isFalse();
        }
        assertThat(budget.cancel(201)).isTrue();
        pass(Duration.ofSeconds(30));
        assertThat(budget.cancel(202)).as("30 seconds later").isFalse();
    }

    /** A client that cancels less than half of what it asks for has its reasons. */
    @Test
    void cancelsOfFewerThanHalfOfTheMessagesAreAllowed() {
        for (int i = 1; i <= 1_000; i++) {
            assertThat(budget.cancel(3L * i)).as("cancel %d", i).isFalse();
        }
        assertThat(budget.cancel(2_000))
                .as("as many cancels as half of the messages")
                .isTrue();
    }

    @Test
    void pingsThatFollowEachOtherTooFastAreStrikes() {
        assertThat(budget.ping(NO_MESSAGES)).isFalse();
        assertThat(budget.ping(NO_MESSAGES)).as("one strike").isFalse();
        assertThat(budget.ping(NO_MESSAGES)).as("two strikes").isTrue();
    }

    @Test
    void aSecondOrAMessageBetweenPingsIsEnough() {
        for (int i = 0; i < 10; i++) {
            assertThat(budget.ping(NO_MESSAGES)).isFalse();
            pass(Duration.ofSeconds(1));
        }
        for (int messages = 1; messages < 10; messages++) {
            assertThat(budget.ping(messages)).isFalse();
        }
        assertThat(budget.ping(9)).as("one strike").isFalse();
        assertThat(budget.ping(10)).as("which a message takes back").isFalse();
        assertThat(budget.ping(10)).as("one strike").isFalse();
    }

    @Test
    void aThousandUselessControlsAreAllowed() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(budget.idle(NO_MESSAGES)).as("control %d", i).isFalse();
        }
        assertThat(budget.idle(NO_MESSAGES)).isTrue();
        pass(Duration.ofSeconds(30));
        assertThat(budget.idle(NO_MESSAGES)).as("30 seconds later").isFalse();
    }

    @Test
    void uselessControlsAmongMoreMessagesAreAllowed() {
        for (int i = 1; i <= 3_000; i++) {
            assertThat(budget.idle(i)).as("control %d", i).isFalse();
        }
        assertThat(budget.error()).as("each kind has a budget of its own").isFalse();
    }
}
