package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Tests the page {@code docs/errors.md}, which is the golden file: each of its situations is provoked, and Parley must
 * print what the page says. With {@code -Dparley.errors=write}, the texts of the page are replaced.
 */
@Timeout(300)
class ErrorsPageTest {
    private static final Path PAGE = Path.of("../docs/errors.md");
    private static final boolean WRITE = "write".equals(System.getProperty("parley.errors"));
    private static final int SITUATIONS_MIN = 25;

    /** A heading of the third level, and the first block of text below it. */
    private static final Pattern SITUATION = Pattern.compile("(?ms)^### ([^\\n]+)\\n(?:(?!^#).)*?^```\\n(.*?)^```$");

    private static final Pattern HEADING = Pattern.compile("(?m)^### (.+)$");

    /** Provokes one situation. */
    interface Situation {
        void provoke(ErrorStage stage) throws Exception;
    }

    private static Map<String, Situation> situations() {
        var all = new LinkedHashMap<String, Situation>();
        ListeningErrors.addTo(all);
        ConnectingErrors.addTo(all);
        AccessErrors.addTo(all);
        TlsErrors.addTo(all);
        MessageErrors.addTo(all);
        CallErrors.addTo(all);
        return all;
    }

    @TestFactory
    Stream<DynamicTest> parleySaysWhatThePageSays() throws IOException {
        var texts = new LinkedHashMap<String, String>();
        Matcher matcher = SITUATION.matcher(Files.readString(PAGE));
        while (matcher.find()) {
            texts.put(matcher.group(1), matcher.group(2));
        }
        return situations().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> check(entry.getKey(), entry.getValue(), texts.getOrDefault(entry.getKey(), ""))));
    }

    private static void check(String heading, Situation situation, String text) throws Exception {
        String said;
        try (var stage = new ErrorStage()) {
            situation.provoke(stage);
            said = stage.masked() + "\n";
        }
        if (WRITE) {
            write(heading, said);
        } else {
            assertThat(said)
                    .as("%s; where it is meant to change, run this with -Dparley.errors=write", heading)
                    .isEqualTo(text);
        }
    }

    private static void write(String heading, String said) throws IOException {
        String page = Files.readString(PAGE);
        Matcher matcher = SITUATION.matcher(page);
        while (matcher.find()) {
            if (matcher.group(1).equals(heading)) {
                Files.writeString(PAGE, page.substring(0, matcher.start(2)) + said + page.substring(matcher.end(2)));
                return;
            }
        }
        throw new AssertionError("the page has no heading '" + heading + "' with a block of text below it");
    }

    @Test
    void everySituationOfThePageIsProvokedAndExplained() throws IOException {
        String page = Files.readString(PAGE);
        List<String> headings = new ArrayList<>();
        HEADING.matcher(page).results().forEach(found -> headings.add(found.group(1)));
        assertThat(headings)
                .containsExactlyElementsOf(situations().keySet())
                .hasSizeGreaterThanOrEqualTo(SITUATIONS_MIN);
        for (String section : page.split("(?m)^### ", -1)) {
            if (!section.startsWith("#")) {
                assertThat(section).contains("**Cause.**", "**Fix.**");
            }
        }
    }
}
