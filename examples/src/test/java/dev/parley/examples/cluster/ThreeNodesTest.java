package dev.parley.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.examples.cluster.Orders.Outcome;
import dev.parley.examples.cluster.Orders.Told;
import dev.parley.examples.cluster.ThreeNodes.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dparley.cluster.seconds=N} kills and drains nodes for so long; {@code ./check --soak} does it for 300. */
@Timeout(900)
class ThreeNodesTest {
    private static final int SECONDS = Integer.getInteger("parley.cluster.seconds", 10);

    /** The figures of a clock are held only if the machine is left alone, as in a long run. */
    private static final boolean IS_QUIET = Boolean.getBoolean("parley.full");

    private static final Duration ALONE = Duration.ofSeconds(IS_QUIET ? 5 : 1);
    private static final Duration LATE_MAX = IS_QUIET ? Duration.ofMillis(500) : Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    @Test
    void noClientIsToldSomethingUntrueWhileNodesAreKilledAndDrained() throws Exception {
        assumeTrue(Programs.missing().isEmpty(), "nats-server or haproxy is not installed");
        Result result = ThreeNodes.run(Duration.ofSeconds(SECONDS), ALONE, LATE_MAX, directory)
                .orElseThrow();
        assertThat(result.isTrue()).isTrue();
        assertThat(result.longest()).isLessThanOrEqualTo(Orders.TIME_LIMIT.plus(LATE_MAX));
        if (IS_QUIET) {
            assertThat(result.perSecond().get(1))
                    .isGreaterThan(result.perSecond().get(0) * 5 / 4);
            assertThat(result.perSecond().get(2))
                    .isGreaterThan(result.perSecond().get(1));
        }
        assertThat(Files.readAllLines(directory.resolve("node1"))).isNotEmpty();
        assertThat(Files.readAllLines(directory.resolve("node3"))).isNotEmpty();
        String plot = Files.readString(directory.resolve("plot.svg"));
        assertThat(plot).contains("kill node 1", "drain node 2", "start node 3");
        assertIsXml(plot);
    }

    private static void assertIsXml(String text) throws Exception {
        var bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(bytes);
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    }

    private static Told told(long number, Outcome outcome) {
        return new Told(number, outcome, number * 400_000_000L, 5_000_000L);
    }

    private Path journal(String name, String lines) throws IOException {
        return Files.writeString(directory.resolve(name), lines);
    }

    @Test
    void whatIsUntrueIsFound() throws IOException {
        List<Path> journals = List.of(journal("a", "1\n2\n3\n5\n"), journal("b", "2\n4\n"), directory.resolve("c"));
        var told = List.of(
                told(1, Outcome.ANSWERED), // true
                told(2, Outcome.ANSWERED), // handled twice
                told(3, Outcome.NOT_PROCESSED), // untrue
                told(4, Outcome.UNKNOWN), // may be
                told(6, Outcome.ANSWERED), // lost
                told(7, Outcome.NOT_PROCESSED)); // true
        var found = Journals.compare(journals, told);
        assertThat(found).isEqualTo(new Journals.Comparison(5, 1, 1, 1, 1));
        assertThat(found.isGood()).isFalse();
        assertThat(Journals.compare(List.of(journal("a", "1\n")), List.of(told(1, Outcome.ANSWERED)))
                        .isGood())
                .isTrue();
    }

    @Test
    void aWaitBeyondTheTimeLimitIsFoundAndAnswersAreCountedBySecond() throws IOException {
        var good = Journals.compare(List.of(journal("a", "1\n")), List.of(told(1, Outcome.ANSWERED)));
        var starts = List.of(
                new Event(0, "start", 1), new Event(2_000_000_000L, "start", 2), new Event(4_000_000_000L, "start", 3));
        var told = new ArrayList<Told>();
        for (long number = 0; number < 10; number++) { // 0.4 s apart
            told.add(told(number, Outcome.ANSWERED));
        }
        Result inTime = Result.of(good, told, starts, Duration.ofSeconds(2), Duration.ofMillis(500));
        assertThat(inTime.isGood()).isTrue();
        assertThat(inTime.longest()).isEqualTo(Duration.ofMillis(5));
        assertThat(inTime.perSecond()).containsExactly(2L, 2L, 0L);
        told.add(new Told(11, Outcome.UNKNOWN, 0, 2_501_000_000L));
        Result late = Result.of(good, told, starts, Duration.ofSeconds(2), Duration.ofMillis(500));
        assertThat(late.isTrue()).isTrue();
        assertThat(late.isGood()).isFalse();
    }

    @Test
    void aPlotCanBeDrawnOfNothingAndOfLittle() throws Exception {
        assertIsXml(Plot.of(List.of(), List.of()));
        assertIsXml(Plot.of(
                List.of(told(1, Outcome.UNKNOWN), told(9, Outcome.NOT_PROCESSED)),
                List.of(new Event(1_500_000_000L, "kill", 2))));
    }
}
