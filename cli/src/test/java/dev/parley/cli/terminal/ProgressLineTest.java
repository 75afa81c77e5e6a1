package dev.parley.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests progress lines on values alone; the time is a number of the test. */
class ProgressLineTest {
    private static final Terminal TERMINAL = Terminal.of(true, 20, true, Map.of());

    private long millis = 500;

    private ProgressLine line(Terminal terminal) {
        return new ProgressLine(() -> Duration.ofMillis(millis).toNanos(), terminal);
    }

    private static List<String> text(Duration elapsed) {
        return List.of(elapsed.toMillis() + " ms");
    }

    @Test
    void itComesAfterASecondAndAtMostTenTimesInEach() {
        ProgressLine line = line(TERMINAL);
        assertThat(line.untilNext()).isEqualTo(Duration.ofSeconds(1));
        int drawn = 0;
        for (millis = 500; millis < 1500; millis++) {
            assertThat(line.draw(ProgressLineTest::text)).isEmpty();
        }
        assertThat(line.draw(ProgressLineTest::text)).isEqualTo("\r\033[K1000 ms");
        assertThat(line.untilNext()).isEqualTo(Duration.ofMillis(100));
        for (millis = 1501; millis <= 2500; millis++) {
            drawn += line.draw(ProgressLineTest::text).isEmpty() ? 0 : 1;
        }
        assertThat(drawn).isEqualTo(10);
    }

    @Test
    void itNeverFillsTheLastColumn() {
        ProgressLine line = line(TERMINAL);
        millis = 2000;
        assertThat(line.draw(elapsed -> List.of("x".repeat(30)))).isEqualTo(ProgressLine.ERASE + "x".repeat(18) + "…");
    }

    @Test
    void partsThatFindNoRoomAreLeftOutWhole() {
        ProgressLine line = line(TERMINAL);
        millis = 2000;
        List<String> parts = List.of("12 of 3000 ended", "1234 open", "x");
        assertThat(line.draw(elapsed -> parts)).isEqualTo(ProgressLine.ERASE + "12 of 3000 ended");
    }

    @Test
    void whereALineCannotBeDrawnAgainThereIsNone() {
        millis = 500;
        ProgressLine toFile = line(Terminal.of(false, 20, true, Map.of()));
        ProgressLine toDumb = line(Terminal.of(true, 20, true, Map.of("TERM", "dumb")));
        millis = 60_000;
        assertThat(toFile.draw(ProgressLineTest::text)).isEmpty();
        assertThat(toDumb.draw(ProgressLineTest::text)).isEmpty();
    }
}
