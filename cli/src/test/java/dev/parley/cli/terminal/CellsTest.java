package dev.parley.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellsTest {
    private static final String MIXED = "{\"result\": \"🐾 Playing ball! 🏐\"} 日本語 e\u0301te\u0301 ｱ";

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "abc, 3",
        "ä, 1",
        "🐶, 2",
        "日本, 4",
        "한, 2",
        "ｱ, 1",
        "Ａ, 2",
        "│─▶, 3",
        "…, 1",
        "⌚, 2",
        "\u2329, 2",
        "\ufe10, 2",
        "\ud81c\udc00, 2",
        "\ud822\udf00, 2",
        "\ud82c\udd70, 2",
        "\u4dc0, 2"
    })
    void aTextFillsItsCells(String text, int cells) {
        assertThat(Cells.of(text)).isEqualTo(cells);
    }

    @Test
    void marksThatCombineFillNone() {
        assertThat(Cells.of("e\u0301\u0323")).isEqualTo(1);
        assertThat(Cells.of("a\u200db")).isEqualTo(2);
    }

    /** A sign that most fonts draw as text is twice as wide as an emoji. */
    @Test
    void whatIsShownAsEmojiFillsTwo() {
        assertThat(Cells.of("\u2764")).isEqualTo(1);
        assertThat(Cells.of("\u2764\ufe0f")).isEqualTo(2);
        assertThat(Cells.of("a\u2764\ufe0fb")).isEqualTo(4);
        assertThat(Cells.cut("\u2764\ufe0fab", 2, "…")).isEqualTo("…");
    }

    @Test
    void whatIsCutFitsAndSaysSo() {
        assertThat(Cells.cut("🐶🐶", 4, "…")).isEqualTo("🐶🐶");
        assertThat(Cells.cut("🐶🐶", 3, "…")).isEqualTo("🐶…");
        assertThat(Cells.cut("🐶🐶", 2, "…")).isEqualTo("…");
        assertThat(Cells.cut("e\u0301ab", 2, "…")).isEqualTo("e\u0301…");
        assertThat(Cells.cut("abc", 2, "...")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 12, 20, 40})
    void whatIsWrappedFitsAndIsAllThere(int cells) {
        List<String> lines = Cells.wrap(MIXED, cells, "    ");
        assertThat(lines).allMatch(line -> Cells.of(line) <= cells);
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("    "));
        assertThat(String.join("", lines).replace(" ", "")).isEqualTo(MIXED.replace(" ", ""));
    }

    @Test
    void wordsStayWholeWhereTheyFit() {
        assertThat(Cells.wrap("one two three", 7, "")).containsExactly("one two", "three");
        assertThat(Cells.wrap("  one two", 6, "    ")).containsExactly("  one", "    tw", "    o");
    }
}
