package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what is known of a kernel by its release. */
class ProbeTest {
    @ParameterizedTest
    @CsvSource({
        "6.1.0-42-amd64, false",
        "6.12.28, false",
        "6.14.0-37-generic, false",
        "6.15.0, true",
        "6.15-rc7, true",
        "6.18.44+deb14, true",
        "7.0, true",
        "10.2.3, true",
        "5.15.0, false",
        "unknown, false",
        "'', false"
    })
    void incrementalBuffersNeedAKernelThatKeepsTheOrder(String release, boolean keeps) {
        assertThat(Probe.keepsOrder(release)).isEqualTo(keeps);
    }
}
