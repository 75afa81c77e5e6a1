package dev.parley.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Terminal;
import dev.parley.cli.tour.Call;
import dev.parley.cli.tour.ChapterText;
import dev.parley.cli.tour.Recording;
import dev.parley.cli.tour.Step;
import dev.parley.cli.tour.Tour;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Tests what the commands print, on terminals of several widths, characters and colours. */
@Timeout(300)
class CommandOutputTest {
    private static final Pattern COLOUR = Pattern.compile("\033\\[[0-9;]*m");
    private static final List<Integer> HELP_COLUMNS = List.of(30, 40, 55, 80, 120, 200);
    private static final int HELP_COLUMNS_MAX = 120;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Terminal terminal, String... args) {
        out.reset();
        err.reset();
        return Parley.run(new Io(new ByteArrayInputStream(new byte[0]), out, err, terminal, terminal), args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private static Terminal terminal(int columns) {
        return Terminal.of(true, columns, true, Map.of());
    }

    private static String uncoloured(String text) {
        return COLOUR.matcher(text).replaceAll("");
    }

    /** Every row of every chapter fits the width of the terminal, and each step is there, in its order. */
    @ParameterizedTest
    @ValueSource(ints = {20, 40, 60, 63, 64, 79, 80, 100, 119, 120, 130, 200, 1000})
    void theTourFitsAndLosesNothing(int columns) throws Exception {
        for (int number = 1; number <= Tour.CHAPTERS; number++) {
            Tour.Chapter chapter = TourCommand.programs().run(number, new Recording());
            for (boolean unicode : List.of(true, false)) {
                var plain = Terminal.of(false, columns, unicode, Map.of());
                List<String> rows = ChapterText.rows(chapter, plain);
                assertThat(rows).allMatch(row -> Cells.of(row) <= columns);
                assertThat(rows).allMatch(row -> row.chars().allMatch(c -> c >= ' ' && (unicode || c < 0x7f)));
                assertEveryStepIsThere(chapter.steps(), String.join(" ", rows).replaceAll("\\s+", " "));
                List<String> coloured = ChapterText.rows(chapter, plain.withColours(true));
                assertThat(coloured.toString()).contains("\033[");
                assertThat(uncoloured(String.join("\n", coloured))).isEqualTo(String.join("\n", rows));
            }
        }
    }

    /** The text is beside the first chapter's rows if there is room, and otherwise below them. */
    @ParameterizedTest
    @ValueSource(ints = {20, 40, 64, 80, 119, 120, 200})
    void theTourSaysWhatEachCallDoes(int columns) throws Exception {
        Tour.Chapter chapter = TourCommand.programs().run(1, new Recording());
        var terminal = Terminal.of(false, columns, true, Map.of());
        List<String> below = ChapterText.meanings(chapter, terminal);
        assertThat(below).allMatch(row -> Cells.of(row) <= columns);
        List<String> all = new ArrayList<>(ChapterText.rows(chapter, terminal));
        all.addAll(below);
        String text = String.join(" ", all).replaceAll("\\s+", " ");
        for (Call call : Call.values()) {
            boolean movesBytes = call == Call.SEND || call == Call.RECEIVE; // whose bytes take the place of a meaning
            if (columns < 120 || !movesBytes) {
                assertThat(text).contains(call.meaning());
            }
        }
    }

    private static void assertEveryStepIsThere(List<Step> steps, String text) {
        int at = 0;
        for (Step step : steps) {
            boolean moves = step.call() == Call.SEND || step.call() == Call.RECEIVE;
            String state = moves || step.state().isEmpty() ? "" : "[" + step.state() + "]";
            Matcher call = Pattern.compile("\\b" + step.call().text() + (moves ? " " + step.bytes() : "") + "\\b")
                    .matcher(text);
            assertThat(call.find(at)).as("%s after %d in %s", step, at, text).isTrue();
            int rowStart = Math.max(0, call.start() - 80);
            assertThat(text.substring(rowStart)).contains(state);
            at = call.end();
        }
    }

    @Test
    void theTourTakesItsWidthFromTheOptionBeforeTheTerminal() {
        assertThat(run(terminal(200), "tour", "--width", "40", "--color", "never"))
                .isEqualTo(ExitCode.OK);
        assertThat(out().lines()).allMatch(row -> Cells.of(row) <= 40).anyMatch(row -> row.startsWith("C──▶S send"));
        assertThat(out()).contains("🐰");
        assertThat(run(terminal(60), "tour", "--ascii")).isEqualTo(ExitCode.OK);
        assertThat(uncoloured(out())).matches("\\p{ASCII}*").contains("\\u1f430");
        assertThat(run(terminal(100), "tour", "--width", "19")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("--width is 19; 20 to 1000");
    }

    @Test
    void colourIsForTerminalsUnlessSaidOtherwise() {
        run(terminal(80), "tour");
        assertThat(out()).contains("\033[");
        run(terminal(80), "--color", "never", "tour");
        assertThat(out()).doesNotContain("\033");
        run(Terminal.plain(false), "tour");
        assertThat(out()).doesNotContain("\033");
        run(Terminal.plain(false), "tour", "--color=always");
        assertThat(out()).contains("\033[");
        run(terminal(80), "tour", "--json");
        assertThat(out()).doesNotContain("\033");
        run(terminal(80), "tour", "--help");
        assertThat(out()).contains("\033[");
        run(terminal(80), "tour", "--color", "never", "--help");
        assertThat(out()).doesNotContain("\033");
        run(terminal(80), "nonsense");
        assertThat(err()).startsWith("\033[1;31mparley:\033[0m there is no command");
        run(Terminal.plain(false), "nonsense");
        assertThat(err()).startsWith("parley: there is no command");
        run(terminal(80));
        assertThat(err()).doesNotContain("\\u001b").contains("Usage: parley");
        assertThat(run(terminal(80), "tour", "--color", "sometimes")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void jsonHasTheSameFieldsInEveryLine() {
        assertThat(run(Terminal.plain(false), "tour", "--json")).isEqualTo(ExitCode.OK);
        Pattern name = Pattern.compile("\"([a-z]+)\": ");
        Set<Set<String>> all = new HashSet<>();
        Set<String> chapters = new LinkedHashSet<>();
        for (String line : out().lines().toList()) {
            Set<String> names = new LinkedHashSet<>();
            String emptied = line.replaceAll("\"(text|message)\": \"(\\\\.|[^\"\\\\])*\"", "\"$1\": \"\"");
            Matcher found = name.matcher(emptied);
            while (found.find()) {
                names.add(found.group(1));
            }
            all.add(names);
            chapters.add(line.replaceAll("^\\{\"chapter\": \"([a-z]+)\".*", "$1"));
        }
        assertThat(chapters).containsExactly("echo", "multi", "app", "multiplexed");
        assertThat(all).hasSize(1);
        String help = TourJson.FIELDS;
        assertThat(all.iterator().next()).hasSize(11).allMatch(field -> Pattern.compile("\\b" + field + "\\b")
                .matcher(help)
                .find());
        assertThat(out())
                .contains(
                        "{\"chapter\": \"echo\", \"step\": 1, \"side\": \"server\", \"connection\": 0, \"event\": \"bind\"")
                .contains("\"bytes\": 12, \"text\": \"Hello, world\", \"hex\": \"48 65 6c 6c 6f 2c");
        assertThat(run(Terminal.plain(false), "tour", "--json", "--svg", "x")).isEqualTo(ExitCode.USAGE);
    }

    static List<List<String>> everyCommand() {
        var commands = new ArrayList<List<String>>();
        var io = new Io(
                new ByteArrayInputStream(new byte[0]), new ByteArrayOutputStream(), new ByteArrayOutputStream(), false);
        addCommands(CommandTree.under(new Parley(io)), List.of(), commands);
        return commands;
    }

    private static void addCommands(CommandLine at, List<String> words, List<List<String>> commands) {
        commands.add(words);
        at.getSubcommands().forEach((name, sub) -> {
            var further = new ArrayList<>(words);
            further.add(name);
            addCommands(sub, further, commands);
        });
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyHelpPageFitsAndHasAnExample(List<String> words) {
        var line = new ArrayList<>(words);
        line.add("--help");
        String[] args = line.toArray(String[]::new);
        for (int columns : HELP_COLUMNS) {
            assertThat(run(terminal(columns), args)).isEqualTo(ExitCode.OK);
            String help = uncoloured(out());
            int widest = Math.min(columns, HELP_COLUMNS_MAX);
            assertThat(help.lines()).as("at %d columns", columns).allMatch(row -> Cells.of(row) <= widest);
            run(terminal(columns).withColours(false), args);
            assertThat(help).isEqualTo(out());
            assertThat(help).startsWith("Usage: parley").containsPattern("Example|Start here");
            assertThat(help.replaceAll("\\s+", " ")).contains("--help").contains("Exit status");
        }
    }
}
