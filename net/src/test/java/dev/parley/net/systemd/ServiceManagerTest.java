package dev.parley.net.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceManagerTest {
    private static final long PID = 4242;

    @Test
    void thereIsNoManagerWithoutASocket() {
        assertThat(ServiceManager.find(Map.of(), PID)).isEmpty();
        assertThat(ServiceManager.find(Map.of("NOTIFY_SOCKET", ""), PID)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"30000000, 4242, 30000", "30000000, 1, 0", "0, 4242, 0", "soon, 4242, 0", "-1, 4242, 0"})
    void theWatchdogIsOfThisProcess(String micros, String forWhom, long millis) {
        Map<String, String> environment =
                Map.of("NOTIFY_SOCKET", "/run/n", "WATCHDOG_USEC", micros, "WATCHDOG_PID", forWhom);
        Duration found = ServiceManager.find(environment, PID)
                .flatMap(ServiceManager::watchdog)
                .orElse(Duration.ZERO);
        assertThat(found).isEqualTo(Duration.ofMillis(millis));
    }
}
