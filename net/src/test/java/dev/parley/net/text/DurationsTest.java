package dev.parley.net.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
    @Test
    void aDurationIsWrittenInItsLargestWholeUnit() {
        assertThat(Durations.text(Duration.ofMillis(250))).isEqualTo("250 ms");
        assertThat(Durations.text(Duration.ofMillis(1_500))).isEqualTo("1500 ms");
        assertThat(Durations.text(Duration.ofSeconds(10))).isEqualTo("10 s");
        assertThat(Durations.text(Duration.ofSeconds(90))).isEqualTo("90 s");
        assertThat(Durations.text(Duration.ofMinutes(5))).isEqualTo("5 min");
        assertThat(Durations.text(Duration.ofNanos(999_999))).isEqualTo("0 ms");
    }
}
