package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.transport.SocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    void theDefaultsAreThePromisedOnes() {
        assertThat(Limits.DEFAULT.connectTimeout()).hasSeconds(10);
        assertThat(Limits.DEFAULT.idleTimeout()).hasMinutes(5);
        assertThat(Limits.DEFAULT.writeTimeout()).hasSeconds(10);
        assertThat(Limits.DEFAULT.connectionsMax()).isEqualTo(10_000);
        assertThat(Limits.DEFAULT.queuedBytesHigh()).isEqualTo(65_536);
        assertThat(SocketOptions.DEFAULT.reuseAddress()).isTrue();
        assertThat(SocketOptions.DEFAULT.noDelay()).isTrue();
    }

    @Test
    void whatCannotBeIsRefusedWithItsRange() {
        assertThatThrownBy(() -> Limits.DEFAULT.withConnectionsMax(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> Limits.DEFAULT.withIdleTimeout(Duration.ofSeconds(-1)))
                .hasMessageContaining("zero or more");
        assertThatThrownBy(() -> Limits.DEFAULT.withConnectTimeout(Duration.ZERO))
                .hasMessageContaining("needs a bound");
        assertThatThrownBy(() -> Limits.DEFAULT.withQueuedBytes(10, 5)).hasMessageContaining("not below");
        assertThatThrownBy(() -> Limits.DEFAULT.withLinger(Duration.ofSeconds(-1), 0))
                .hasMessageContaining("zero or more");
        assertThatThrownBy(() -> Limits.DEFAULT.withLinger(Duration.ZERO, -1)).hasMessageContaining("at least 0");
        assertThatThrownBy(() -> SocketOptions.DEFAULT.withBacklog(0)).hasMessageContaining("at least 1");
    }

    @Test
    void aChangedLimitLeavesTheOthersAndTheOriginalAsTheyWere() {
        Limits changed = Limits.DEFAULT
                .withConnectTimeout(Duration.ofMillis(1))
                .withIdleTimeout(Duration.ofMillis(2))
                .withWriteTimeout(Duration.ofMillis(3))
                .withLinger(Duration.ofMillis(4), 5)
                .withConnectionsMax(6)
                .withQueuedBytes(7, 8);

        assertThat(changed.connectTimeout()).hasMillis(1);
        assertThat(changed.idleTimeout()).hasMillis(2);
        assertThat(changed.writeTimeout()).hasMillis(3);
        assertThat(changed.lingerTimeout()).hasMillis(4);
        assertThat(changed.lingerBytesMax()).isEqualTo(5);
        assertThat(changed.connectionsMax()).isEqualTo(6);
        assertThat(changed.queuedBytesHigh()).isEqualTo(7);
        assertThat(changed.queuedBytesMax()).isEqualTo(8);
        assertThat(Limits.DEFAULT.lingerBytesMax()).isEqualTo(1024 * 1024);
        assertThat(Limits.DEFAULT.connectionsMax()).isEqualTo(10_000);
    }
}
