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
        assertThatThrownBy(() -> SocketOptions.DEFAULT.withBacklog(0)).hasMessageContaining("at least 1");
    }
}
