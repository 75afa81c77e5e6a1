package dev.parley.cli.tour;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Glyphs;
import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Draws steps as a sequence diagram, one row for each step. The client's calls are on the left, the server's calls are
 * on the right, and between them are the bytes on their way. On a wide terminal, there are also the meaning of the
 * calls and the bytes in hexadecimal. For a narrow terminal, {@link NarrowDiagram} is used instead.
 */
public final class SequenceDiagram {
    private static final int NARROW_COLUMNS = 64;
    private static final int NORMAL_COLUMNS = 80;

    /** From this width on, the drawing also explains the calls. */
    public static final int WIDE_COLUMNS = 120;

    private static final int WIDE_DIAGRAM_COLUMNS = 83;
    private static final int LABEL_COLUMNS_MIN = 19;
    private static final int LABEL_COLUMNS = 25;
    private static final int LABEL_COLUMNS_MAX = 29;
    private static final int ARROW_ENDS_COLUMNS = 4;
    private static final int LINES_COLUMNS = 4;
    private static final int NOTE_GAP = 2;

    private final Terminal terminal;
    private final Glyphs glyphs;
    private final Labels labels;
    private final int labelColumns;
    private final int arrowColumns;
    private final int noteColumns;
    private final Set<Call> explained = EnumSet.of(Call.SEND, Call.RECEIVE);

    private SequenceDiagram(List<Step> steps, Terminal terminal) {
        this.terminal = terminal;
        glyphs = terminal.glyphs();
        labels = new Labels(steps);
        int columns = terminal.columns();
        int diagram = columns < WIDE_COLUMNS ? columns : WIDE_DIAGRAM_COLUMNS + (columns - WIDE_COLUMNS) / 2;
        labelColumns = diagram < NORMAL_COLUMNS
                ? LABEL_COLUMNS_MIN
                : Math.min(LABEL_COLUMNS_MAX, LABEL_COLUMNS + (diagram - NORMAL_COLUMNS) / 2);
        arrowColumns = diagram - LINES_COLUMNS - 2 * labelColumns;
        noteColumns = hasNotes(terminal) ? columns - diagram - NOTE_GAP : 0;
    }

    /** Returns true if the terminal is wide enough for the meaning of each call beside its row. */
    static boolean hasNotes(Terminal terminal) {
        return terminal.columns() >= WIDE_COLUMNS;
    }

    /** Returns the rows of the diagram, with a heading. */
    public static List<String> rows(List<Step> steps, Terminal terminal) {
        if (terminal.columns() < NARROW_COLUMNS) {
            return NarrowDiagram.rows(steps, terminal);
        }
        var diagram = new SequenceDiagram(steps, terminal);
        var rows = new ArrayList<String>();
        rows.add(diagram.row("client", " ".repeat(diagram.arrowColumns), "server", " ", ""));
        for (Step step : steps) {
            rows.add(diagram.row(step));
        }
        return rows;
    }

    private String row(Step step) {
        String label = label(step);
        boolean client = step.side() == Side.CLIENT;
        String line = terminal.paint(Ink.FAINT, glyphs.lifeline());
        return row(client ? label : "", arrow(step), client ? "" : label, line, note(step));
    }

    private String row(String left, String middle, String right, String line, String note) {
        String server = Cells.padRight(Cells.cut(right, labelColumns, glyphs.more()), labelColumns);
        String client = Cells.padLeft(Cells.cut(left, labelColumns, glyphs.more()), labelColumns);
        String diagram = client + " " + line + middle + line + " " + server;
        return note.isEmpty()
                ? diagram.stripTrailing()
                : diagram + " ".repeat(NOTE_GAP) + terminal.paint(Ink.FAINT, note);
    }

    /**
     * Returns the label of a step. If it does not fit, its address is shortened to the port, which is enough, since
     * every address of the tour is a loopback address.
     */
    private String label(Step step) {
        String label = labels.call(step);
        return Cells.of(label) <= labelColumns ? label : label.replaceFirst("[0-9.]+:", ":");
    }

    /**
     * Draws the middle of a step's row: an arrow if the step sends something, the text of the bytes for a receive, and
     * the state for other calls.
     */
    private String arrow(Step step) {
        Side side = step.side();
        return switch (step.call()) {
            case CONNECT -> travelling("SYN ", Labels.state(step), side);
            case SEND -> travelling(payload(step), "", side);
            case SHUTDOWN -> travelling("FIN ", Labels.state(step), side);
            case RECEIVE -> resting(payload(step), side);
            case BIND, LISTEN, STOP -> " ".repeat(arrowColumns);
            case ACCEPT, CONNECTED, END, CLOSE -> resting(Labels.state(step), side);
        };
    }

    private String payload(Step step) {
        return glyphs.shown(Labels.payload(step, glyphs.more()));
    }

    private String travelling(String what, String state, Side side) {
        String text = Cells.cut(what, arrowColumns - ARROW_ENDS_COLUMNS, glyphs.more());
        int dashes = arrowColumns - Cells.of(text) - Cells.of(state) - 1;
        String before = glyphs.dash().repeat(dashes / 2);
        String after = glyphs.dash().repeat(dashes - dashes / 2);
        boolean right = side == Side.CLIENT;
        Ink ink = right ? Ink.CLIENT : Ink.SERVER;
        return terminal.paint(ink, right ? before : glyphs.left() + before)
                + text
                + terminal.paint(Ink.STATE, state)
                + terminal.paint(ink, right ? after + glyphs.right() : after);
    }

    private String resting(String what, Side side) {
        String text = Cells.cut(what, arrowColumns - 2, glyphs.more());
        String space = " ".repeat(arrowColumns - 1 - Cells.of(text));
        String painted = what.startsWith("[") ? terminal.paint(Ink.STATE, text) : text;
        return side == Side.CLIENT ? " " + painted + space : space + painted + " ";
    }

    /**
     * Returns the meaning of a call when the call occurs for the first time. Later returns the bytes that the call
     * moved. For a send or a receive, always returns the bytes.
     */
    private String note(Step step) {
        if (noteColumns <= 0) {
            return "";
        }
        if (explained.add(step.call())) {
            return Cells.cut(step.call().meaning(), noteColumns, glyphs.more());
        }
        return FactRows.hex(step.payload().hex(), step.payload().isCut(), noteColumns, glyphs.more());
    }
}
