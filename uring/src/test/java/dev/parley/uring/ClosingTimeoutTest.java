package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests how long a closed connection waits for its peer to take the last bytes: so many periods of ten seconds. */
class ClosingTimeoutTest {
    private static final int KIB = 1024;

    private UringCore core;
    private ClosingTimeout timeout;

    @BeforeEach
    void start() throws IOException {
        core = new UringCore(PollerBed.features(), RingSizes.DEFAULT, DirectMemory.shared());
        core.own();
        var handle = new Nothing();
        core.enroll(handle);
        timeout = new ClosingTimeout(core, handle);
    }

    @AfterEach
    void end() throws IOException {
        core.free();
    }

    private static final class Nothing extends RingHandle {
        @Override
        void completed(Operation operation, int result, int flags) {}

        @Override
        void broke(Throwable thrown) {}

        @Override
        boolean isOver() {
            return true;
        }

        @Override
        void attend() {}

        @Override
        void abandon() {}
    }

    /** Returns for how many periods a peer may take so many bytes in each, until it has taken all. */
    private int periods(int bytes, int takenInEach) {
        timeout.start(bytes);
        int periods = 1;
        for (int left = bytes - takenInEach; left > 0 && !timeout.isOver(left); left -= takenInEach) {
            periods++;
        }
        return periods;
    }

    @Test
    void aPeerThatTakesNothingHasOnePeriod() {
        assertThat(periods(100 * KIB, 0)).isEqualTo(1);
    }

    @Test
    void aPeerThatDripsIsGivenUpSoon() {
        assertThat(periods(100 * KIB, 1)).isEqualTo(1);
    }

    @Test
    void aPeerThatIsFastAtFirstAndThenDripsHasEightPeriods() {
        timeout.start(128 * KIB);
        assertThat(timeout.isOver(10)).isFalse();
        int periods = 2;
        for (int left = 9; !timeout.isOver(left); left--) {
            periods++;
        }
        assertThat(periods).isEqualTo(8);
    }

    @Test
    void aFewBytesAreTakenInEightPeriods() {
        assertThat(periods(128 * KIB, 16 * KIB)).isEqualTo(8);
    }

    /** A rate of 2 KB/s is fast enough, however many bytes the system's buffers hold. */
    @Test
    void aSlowAndSteadyPeerGetsAll() {
        assertThat(periods(400_000, 20_000)).isEqualTo(20);
    }

    @Test
    void aNumberThatIsNotKnownIsTheEnd() {
        timeout.start(100);
        assertThat(timeout.isOver(Channel.UNKNOWN)).isTrue();
        assertThat(timeout.isOver(50)).as("it is not running").isFalse();
    }
}
