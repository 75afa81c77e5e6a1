package dev.parley.cli.cert;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests development certificates, and a clock that was wrong when they were made. */
class DevelopmentClockTest {
    @TempDir
    private Path directory;

    private List<String> makeOrRenew(Duration fromNow) throws Exception {
        InstantSource system = InstantSource.system();
        return new DevelopmentCertificates(directory, () -> system.instant().plus(fromNow)).makeOrRenew();
    }

    @Test
    void whatIsNotValidYetIsMadeAnew() throws Exception {
        assertThat(makeOrRenew(Duration.ZERO)).containsExactly("ca", "server", "client");
        assertThat(makeOrRenew(Duration.ZERO)).isEmpty();
        assertThat(makeOrRenew(Duration.ofDays(-1))).containsExactly("ca", "server", "client");
    }
}
