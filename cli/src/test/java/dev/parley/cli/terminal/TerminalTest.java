package dev.parley.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
    @ParameterizedTest
    @CsvSource({
        "true, '', xterm, true",
        "true, 1, xterm, false",
        "true, 0, xterm, false",
        "true, '', dumb, false",
        "false, '', xterm, false"
    })
    void coloursObeyTheEnvironment(boolean attached, String noColor, String term, boolean colours) {
        var terminal = Terminal.of(attached, 80, true, Map.of("NO_COLOR", noColor, "TERM", term));
        assertThat(terminal.colours()).isEqualTo(colours);
        assertThat(terminal.paint(Ink.ERROR, "x").contains("\033[")).isEqualTo(colours);
    }

    @Test
    void anEnvironmentThatSaysNothingLeavesTheTerminalItsColours() {
        assertThat(Terminal.of(true, 0, true, Map.of()).colours()).isTrue();
        assertThat(Terminal.of(true, 0, true, Map.of()).columns()).isEqualTo(80);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 132, 132",
        "100, 132, 100",
        "'', 0, 80",
        "x, 0, 80",
        "-5, 90, 90",
        "3, 90, 20",
        "999999, 90, 1000",
        "99999999999, 90, 90"
    })
    void columnsComeFromTheEnvironmentFirst(String columns, int asked, int expected) {
        assertThat(Terminal.of(true, asked, true, Map.of("COLUMNS", columns)).columns())
                .isEqualTo(expected);
    }

    @Test
    void aDumbTerminalGetsAsciiAndNothingDrawnAgain() {
        var dumb = Terminal.of(true, 80, true, Map.of("TERM", "dumb"));
        assertThat(dumb.unicode()).isFalse();
        assertThat(dumb.redraws()).isFalse();
        assertThat(Terminal.of(false, 80, true, Map.of("TERM", "dumb")).unicode())
                .isTrue();
    }

    @Test
    void asciiEscapesOtherCharacters() {
        Terminal ascii = Terminal.plain(true).withAscii();
        assertThat(ascii.glyphs().shown("a 🐶 ä ~")).isEqualTo("a \\u1f436 \\u00e4 ~");
        assertThat(Terminal.plain(true).glyphs().shown("🐶")).isEqualTo("🐶");
    }
}
