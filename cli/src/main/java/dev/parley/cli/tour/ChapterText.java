package dev.parley.cli.tour;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Formats a chapter of the tour as text for a terminal: its title and lesson, its diagram, and its facts. */
public final class ChapterText {
    private ChapterText() {}

    /**
     * Returns what each call of the chapter means, a row for each, for a terminal that has no room for it in the
     * diagram; nothing for a wider one.
     */
    public static List<String> meanings(Tour.Chapter chapter, Terminal terminal) {
        if (SequenceDiagram.hasNotes(terminal)) {
            return List.of();
        }
        var rows = new ArrayList<>(Cells.wrap("What each call does:", terminal.columns(), ""));
        Stream<Call> calls = chapter.steps().stream().map(Step::call).distinct().sorted();
        calls.map(call -> String.format("%-15s %s", call.text(), call.meaning()))
                .forEach(row -> rows.addAll(Cells.wrap(row, terminal.columns(), "    ")));
        rows.add("");
        return rows;
    }

    /** Returns the rows of the chapter. No row is wider than the terminal. */
    public static List<String> rows(Tour.Chapter chapter, Terminal terminal) {
        var rows = new ArrayList<String>();
        for (String line : Cells.wrap(chapter.title(), terminal.columns(), "")) {
            rows.add(terminal.paint(Ink.TITLE, line));
        }
        rows.addAll(Cells.wrap(chapter.lesson(), terminal.columns(), ""));
        rows.add("");
        rows.addAll(SequenceDiagram.rows(chapter.steps(), terminal));
        rows.add("");
        if (!chapter.facts().isEmpty()) {
            rows.addAll(Cells.wrap(chapter.factsTitle(), terminal.columns(), ""));
            rows.addAll(FactRows.of(chapter.facts(), terminal));
            rows.add("");
        }
        return rows;
    }
}
