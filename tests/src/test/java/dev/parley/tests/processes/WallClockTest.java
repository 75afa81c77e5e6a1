package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that no deadline comes early or late if the wall clock is set meanwhile, by an hour or by ten years. */
@Timeout(300)
class WallClockTest {
    private static final List<String> JUMPS = List.of("+3600", "-3600", "+10y", "-10y");
    private static final Pattern OFF = Pattern.compile("earliest (-?\\d+) ms, latest (-?\\d+) ms");

    /** The maximum delay: timers fire within a second of their time if nothing else runs. */
    private static final Duration LATE_MAX = Duration.ofSeconds(1);

    /** The time by which the clock moves. A deadline that moved with the clock would be an hour late, or never end. */
    private static final long MOVED_MILLIS = 60_000;

    private final Programs programs = new Programs();

    @AfterEach
    void end() {
        programs.close();
    }

    /**
     * Returns variables for a clock of its own, which is read again each time; libfaketime takes it from a file if
     * nothing else is said.
     */
    private static List<String> clockFrom(Path file) {
        return List.of(
                "faketime",
                "-m",
                "--exclude-monotonic",
                "-f",
                "+0",
                "env",
                "-u",
                "FAKETIME",
                "FAKETIME_TIMESTAMP_FILE=" + file,
                "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void noDeadlineMovesWithTheWallClock(String transport, @TempDir Path directory) throws Exception {
        assumeTrue(Programs.has("faketime"), "faketime is not installed");
        Usable.transport(transport);
        Path clock = Files.writeString(directory.resolve("clock"), "+0\n");
        var calls = programs.mainUnder(clockFrom(clock), List.of(), Appointments.class, transport);
        assertThat(calls.firstLine()).isEqualTo("under way");
        for (int i = 0; i < JUMPS.size(); i++) {
            set(clock, JUMPS.get(i));
            int jumps = i + 1;
            Await.until(
                    "it is seen",
                    () -> calls.outSoFar().lines().filter("jumped"::equals).count() == jumps
                            || !calls.process.isAlive());
        }
        assertThat(calls.exitCode()).as(calls::err).isZero();
        String said = calls.out().lines().toList().getLast();
        System.out.printf("promise R7: %s: %s%n", transport, said);
        var off = OFF.matcher(said);
        assertThat(off.find()).isTrue();
        assertThat(Long.parseLong(off.group(1))).isGreaterThanOrEqualTo(0);
        long latestMillis = Long.parseLong(off.group(2));
        assertThat(latestMillis).isLessThan(MOVED_MILLIS);
        QuietMachine.assertAtMost("the latest", LATE_MAX, TimeUnit.MILLISECONDS.toNanos(latestMillis));
        assertThat(said).contains(" 0 other ends, " + JUMPS.size() + " jumps");
    }

    /** Writes it in one step, so that no process reads half of it. */
    private static void set(Path clock, String offset) throws IOException {
        Path next = Files.writeString(clock.resolveSibling("next"), offset + "\n");
        Files.move(next, clock, StandardCopyOption.ATOMIC_MOVE);
    }
}
