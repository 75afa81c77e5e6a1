package dev.parley.cli.tour;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Glyphs;
import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;

/** Formats facts as rows. The bytes are next to their meaning, or, on a narrow terminal, below it. */
final class FactRows {
    private static final String INDENT = "  ";
    private static final int HEX_COLUMNS_MIN = 17;
    private static final int HEX_COLUMNS_PER_BYTE = 3;

    private final Terminal terminal;
    private final Glyphs glyphs;
    private final List<Fact> facts;
    private final List<String> rows = new ArrayList<>();

    private FactRows(List<Fact> facts, Terminal terminal) {
        this.facts = facts;
        this.terminal = terminal;
        glyphs = terminal.glyphs();
    }

    static List<String> of(List<Fact> facts, Terminal terminal) {
        return new FactRows(facts, terminal).print();
    }

    private List<String> print() {
        String part = "";
        for (Fact fact : facts) {
            if (!fact.part().equals(part)) {
                part = fact.part();
                addPart(part);
            }
            add(fact);
        }
        return rows;
    }

    /** Adds a heading for a part of the message. The length has no heading, since its fact says what it is. */
    private void addPart(String part) {
        if (!part.equals(FrameAnatomy.LENGTH)) {
            int bytes = facts.stream()
                    .filter(fact -> fact.part().equals(part))
                    .mapToInt(fact -> (fact.hex().length() + 1) / HEX_COLUMNS_PER_BYTE)
                    .sum();
            addWrapped(INDENT + part + ", " + bytes + " bytes:");
        }
    }

    private void add(Fact fact) {
        String text = glyphs.shown(fact.text().stripTrailing());
        if (fact.hex().isEmpty()) {
            addWrapped(INDENT + text);
        } else if (hexColumns() < HEX_COLUMNS_MIN) {
            addWrapped(INDENT + text);
            String room = INDENT.repeat(2);
            String hex = hex(fact.hex(), false, terminal.columns() - room.length(), glyphs.more());
            rows.add(room + terminal.paint(Ink.FAINT, hex));
        } else {
            int hexColumns = hexColumns();
            String hex = Cells.padRight(hex(fact.hex(), false, hexColumns, glyphs.more()), hexColumns);
            rows.add(INDENT + terminal.paint(Ink.FAINT, hex) + INDENT + text);
        }
    }

    private void addWrapped(String line) {
        rows.addAll(Cells.wrap(line, terminal.columns(), INDENT.repeat(2)));
    }

    /** Returns how many columns the bytes need, but at most as many as the longest text leaves free beside it. */
    private int hexColumns() {
        int text = facts.stream()
                .mapToInt(fact -> Cells.of(glyphs.shown(fact.text().stripTrailing())))
                .max()
                .orElse(0);
        int longest = facts.stream().mapToInt(fact -> fact.hex().length()).max().orElse(0);
        return Math.min(longest, terminal.columns() - text - 2 * INDENT.length());
    }

    /** Returns as many of the bytes as fit, with a mark if some are left out. */
    static String hex(String hex, boolean alreadyCut, int columns, String more) {
        if (!alreadyCut && hex.length() <= columns) {
            return hex;
        }
        int bytes = Math.max(0, columns - more.length()) / HEX_COLUMNS_PER_BYTE;
        int end = Math.min(bytes * HEX_COLUMNS_PER_BYTE, hex.length());
        return (hex.substring(0, end).stripTrailing() + " " + more).strip();
    }
}
