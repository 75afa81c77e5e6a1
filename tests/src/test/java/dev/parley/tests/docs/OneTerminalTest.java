package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.docs.DocSession.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that a reader who types a page's commands from the first to the last into one terminal sees what the page
 * shows: each server is stopped where the next one needs its port, and nothing is left at the end. {@link DocsTest}
 * compares each line; here a server's own lines may come between those of other commands.
 */
@Timeout(600)
class OneTerminalTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "docs/tutorial/1-echo.md",
                "docs/tutorial/2-multi.md",
                "docs/tutorial/3-app.md",
                "docs/tutorial/4-your-own.md",
                "docs/tutorial/frame-reader.md"
            })
    void aPageCanBeTypedFromItsFirstLineToItsLast(String page) throws Exception {
        assumeTrue(Programs.has("script"), "script is not installed");
        DocSession files = DocSession.in(directory);
        var environment = Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "LC_ALL", "C.UTF-8",
                "PARLEY_JAVA_OPTS", "-Dparley.terminal=true -Dparley.terminal.err=true -Dparley.columns=80");
        try (var terminal = new TerminalSession(directory, DocSession.inOwnNetwork(), environment)) {
            terminal.run("PATH='" + directory + "':$PATH");
            for (DocBlock block : DocBlock.of(Path.of("..", page))) {
                if (!block.says("program").isEmpty()) {
                    files.save(block.says("program"), block.text());
                }
                if (block.language().equals("console") && isPossible(block)) {
                    type(block, terminal);
                }
            }
            assertThat(terminal.jobs()).as("what %s leaves behind", page).isEmpty();
        }
    }

    private static boolean isPossible(DocBlock block) {
        return block.says("not run").isEmpty()
                && List.of(block.says("needs").split("[, ]+", 0)).stream()
                        .allMatch(tool -> tool.isEmpty() || Usable.isInstalled(tool));
    }

    private static void type(DocBlock block, TerminalSession terminal) throws IOException, InterruptedException {
        List<Command> commands = DocSession.commandsOf(block);
        var places = new int[commands.size()];
        for (int i = 0; i < places.length; i++) {
            Command command = commands.get(i);
            places[i] = terminal.place();
            if (command.isBackground()) {
                terminal.start(command.text());
            } else {
                terminal.run(command.text());
                assertShown(block, command, terminal.since(places[i]));
            }
        }
        for (int i = 0; i < places.length; i++) {
            if (commands.get(i).isBackground()) {
                assertShown(block, commands.get(i), terminal.since(places[i]));
            }
        }
    }

    /**
     * Asserts that the lines of the page are there, in their order; others may come between them, and columns may be
     * wider.
     */
    private static void assertShown(DocBlock block, Command command, String printed) {
        var pattern = new StringBuilder("(?:.*\n)*?");
        for (String line : command.shown()) {
            if (!line.strip().equals("…")) {
                pattern.append(DocSession.inLine(line.replaceAll(" +", " ").replace(" … ", "…")))
                        .append("[ ]*\n(?:.*\n)*?");
            }
        }
        String text = (printed.endsWith("\n") ? printed : printed + "\n").replaceAll(" +", " ");
        assertThat(Pattern.compile(pattern.append("(?:.*\n)*").toString())
                        .matcher(text)
                        .matches())
                .as("%s:%n$ %s%nshown:%n%s%nprinted:%n%s", block, command.text(), command.shown(), printed)
                .isTrue();
    }
}
