package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cli.tour.Call;
import dev.parley.cli.tour.Pictures;
import dev.parley.cli.tour.Recording;
import dev.parley.cli.tour.Step;
import dev.parley.cli.tour.Tour;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Tests that the pictures of the lessons show what the programs do today. */
@Timeout(300)
class PicturesTest {
    private static final Path KEPT = Path.of("..", "docs", "tutorial", "pictures");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        return Parley.run(new Io(new ByteArrayInputStream(new byte[0]), out, err, false), args);
    }

    @Test
    void theKeptPicturesAreThoseOfThisRun(@TempDir Path directory) throws Exception {
        assertThat(run("tour", "--svg", directory.toString())).isEqualTo(ExitCode.OK);
        List<String> names;
        try (Stream<Path> files = Files.list(KEPT)) {
            names = files.map(file -> file.getFileName().toString()).sorted().toList();
        }
        assertThat(names).contains("echo.svg", "multi.svg", "app.svg", "multiplexed.svg", "frame.svg");
        for (String name : names) {
            assertThat(directory.resolve(name))
                    .as("if the change is meant: ./parley tour --svg docs/tutorial/pictures")
                    .hasSameTextualContentAs(KEPT.resolve(name));
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSameSizeAs(names);
    }

    @Test
    void whatHappensAtOnceIsDrawnTheSameEachTime() throws Exception {
        for (int chapter = 1; chapter <= Tour.CHAPTERS; chapter++) {
            Map<String, String> first = Pictures.of(run(chapter));
            for (int round = 0; round < 10; round++) {
                assertThat(Pictures.of(run(chapter))).isEqualTo(first);
            }
        }
    }

    private static Tour.Chapter run(int chapter) throws Exception {
        return TourCommand.programs().run(chapter, new Recording());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aPictureHasEveryStepAndNothingFromElsewhere(int number) throws Exception {
        Tour.Chapter chapter = run(number);
        String svg = Objects.requireNonNull(Pictures.of(chapter).get(chapter.name() + ".svg"));
        assertThat(svg).doesNotContain("<script", "href", "url(", "@import").contains("prefers-color-scheme: dark");
        Document document = parsed(svg);
        assertThat(texts(document, "title")).containsExactly(chapter.title());
        assertThat(texts(document, "desc").getFirst()).startsWith(chapter.lesson());
        List<String> texts = texts(document, "text");
        assertThat(document.getElementsByTagName("circle").getLength())
                .isEqualTo(chapter.steps().size());
        for (Step step : chapter.steps()) {
            String bytes = step.call() == Call.SEND || step.call() == Call.RECEIVE ? " " + step.bytes() : "";
            assertThat(texts).anyMatch(text -> text.contains(step.call().text() + bytes));
        }
        long sends = chapter.steps().stream()
                .filter(step -> step.call() == Call.SEND)
                .count();
        assertThat(svg.split("<path ", -1).length - 1L).isGreaterThan(sends);
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        return Stream.iterate(0, i -> i < nodes.getLength(), i -> i + 1)
                .map(i -> nodes.item(i).getTextContent())
                .toList();
    }
}
