package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.frame.FrameLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MessageLimitsTest {
    @Test
    void aChangedLimitLeavesTheOthersAndTheOriginalAsTheyWere() {
        MessageLimits changed = MessageLimits.DEFAULT
                .withFrame(FrameLimits.DEFAULT.withHeaderBytesMax(1_000).withContentBytesMax(2_000))
                .withTimeouts(Duration.ofMillis(3), Duration.ofMillis(4))
                .withInFlightMax(5)
                .withStreamsMax(6)
                .withInFlightTotalMax(7)
                .withDrainGrace(Duration.ofMillis(8))
                .withPing(Duration.ofMillis(9), Duration.ofMillis(10))
                .withJson(JsonLimits.DEFAULT.withDepthMax(11).withValuesMax(12))
                .withOnLoopBytesMax(13)
                .withConnectionAgeMax(Duration.ofMillis(14));

        assertThat(changed.frame().headerBytesMax()).isEqualTo(1_000);
        assertThat(changed.frame().contentBytesMax()).isEqualTo(2_000);
        assertThat(changed.headerTimeout()).hasMillis(3);
        assertThat(changed.contentTimeout()).hasMillis(4);
        assertThat(changed.inFlightMax()).isEqualTo(5);
        assertThat(changed.streamsMax()).isEqualTo(6);
        assertThat(changed.inFlightTotalMax()).isEqualTo(7);
        assertThat(changed.drainGrace()).hasMillis(8);
        assertThat(changed.pingInterval()).hasMillis(9);
        assertThat(changed.pingTimeout()).hasMillis(10);
        assertThat(changed.json().depthMax()).isEqualTo(11);
        assertThat(changed.json().valuesMax()).isEqualTo(12);
        assertThat(changed.onLoopBytesMax()).isEqualTo(13);
        assertThat(changed.connectionAgeMax()).hasMillis(14);
        assertThat(MessageLimits.DEFAULT.inFlightMax()).isEqualTo(100);
    }

    @Test
    void aLimitOutOfItsRangeIsRefusedWithTheRange() {
        var limits = MessageLimits.DEFAULT;
        assertThatThrownBy(() -> limits.withTimeouts(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessage("headerTimeout is PT0S; it must be above zero");
        assertThatThrownBy(() -> limits.withPing(Duration.ofSeconds(1), Duration.ofSeconds(-1)))
                .hasMessage("pingTimeout is PT-1S; it must be above zero");
        assertThatThrownBy(() -> limits.withInFlightMax(0)).hasMessage("inFlightMax is 0; it must be at least 1");
        assertThatThrownBy(() -> limits.withStreamsMax(-1)).hasMessage("streamsMax is -1; it must be at least 0");
        assertThatThrownBy(() -> limits.withDrainGrace(Duration.ofSeconds(-1))).hasMessageContaining("zero or more");
        assertThatThrownBy(() -> limits.withConnectionAgeMax(Duration.ofSeconds(-1)))
                .hasMessageContaining("zero or more");
        assertThatThrownBy(() -> JsonLimits.DEFAULT.withDepthMax(501)).hasMessageContaining("from 1 to 500");
        assertThatThrownBy(() -> JsonLimits.DEFAULT.withValuesMax(0)).hasMessageContaining("at least 1");
    }
}
