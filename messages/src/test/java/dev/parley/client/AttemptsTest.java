package dev.parley.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests which address is tried next, and when the client waits before that. */
class AttemptsTest {
    private static final Address ONE = Address.parse("tcp://127.0.0.1:1");
    private static final Address OTHER = Address.parse("tcp://127.0.0.1:2");

    /** Draws the largest number below 1 each time, so the delay shows the number of failures. */
    private final Attempts attempts = new Attempts(List.of(ONE, OTHER), 0, () -> -1L);

    @Test
    void eachAddressIsTriedOnceBeforeTheClientWaits() {
        assertThat(attempts.address()).isEqualTo(ONE);
        assertThat(attempts.failedOnce()).isTrue();
        assertThat(attempts.address()).isEqualTo(OTHER);
        assertThat(attempts.failedOnce()).isFalse();
        assertThat(attempts.address()).isEqualTo(ONE);
        attempts.delay();
        assertThat(attempts.failedOnce()).isTrue();
    }

    @Test
    void aServerThatRefusesUsDoesNotShiftTheRound() {
        attempts.succeeded();
        attempts.lost(false);
        attempts.countsAsFailed();
        assertThat(attempts.address()).isEqualTo(OTHER);
        attempts.delay();
        assertThat(attempts.failedOnce()).isTrue();
        assertThat(attempts.failedOnce()).isFalse();
    }

    @Test
    void theClientWaitsIfAllServersGoAwayAtOnce() {
        attempts.succeeded();
        assertThat(attempts.wentAway(false)).isTrue();
        assertThat(attempts.address()).isEqualTo(OTHER);
        attempts.succeeded();
        assertThat(attempts.wentAway(false)).isFalse();
        Duration first = attempts.delay();
        attempts.succeeded();
        assertThat(attempts.wentAway(false)).isFalse();
        assertThat(attempts.delay()).isGreaterThan(first);
        attempts.succeeded();
        assertThat(attempts.wentAway(true)).isTrue();
        attempts.succeeded();
        assertThat(attempts.delay()).isLessThan(first);
    }
}
