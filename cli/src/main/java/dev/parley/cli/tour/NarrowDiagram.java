package dev.parley.cli.tour;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Glyphs;
import dev.parley.cli.terminal.Ink;
import dev.parley.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws steps for a narrow terminal. The side and the direction are on the left. Next to them is the call, on as many
 * rows as necessary.
 */
final class NarrowDiagram {
    private static final String INDENT = " ".repeat(6);

    private final Terminal terminal;
    private final Glyphs glyphs;
    private final Labels labels;

    private NarrowDiagram(List<Step> steps, Terminal terminal) {
        this.terminal = terminal;
        glyphs = terminal.glyphs();
        labels = new Labels(steps);
    }

    static List<String> rows(List<Step> steps, Terminal terminal) {
        var diagram = new NarrowDiagram(steps, terminal);
        var rows = new ArrayList<>(Cells.wrap("C client, S server", terminal.columns(), ""));
        steps.forEach(step -> diagram.addRows(step, rows));
        return rows;
    }

    private void addRows(Step step, List<String> rows) {
        String mark = mark(step);
        for (String line : Cells.wrap(mark + " " + said(step), terminal.columns(), INDENT)) {
            rows.add(painted(line, mark, step));
        }
    }

    /**
     * Returns the text of a step. Received bytes are cut to one row, since they were already shown when they were sent.
     */
    private String said(Step step) {
        String call = labels.call(step);
        String said =
                switch (step.call()) {
                    case CONNECT -> call + " SYN " + Labels.state(step);
                    case SHUTDOWN -> call + " FIN " + Labels.state(step);
                    case SEND -> call + " " + payload(step);
                    case RECEIVE -> {
                        int room = terminal.columns() - INDENT.length() - Cells.of(call) - 1;
                        yield call + " " + Cells.cut(payload(step), room, glyphs.more());
                    }
                    case BIND, LISTEN, ACCEPT, CONNECTED, END, CLOSE, STOP -> call + " " + Labels.state(step);
                };
        return said.strip();
    }

    private String payload(Step step) {
        return glyphs.shown(Labels.payload(step, glyphs.more()));
    }

    private String mark(Step step) {
        boolean travels =
                switch (step.call()) {
                    case CONNECT, SEND, SHUTDOWN -> true;
                    case BIND, LISTEN, ACCEPT, CONNECTED, RECEIVE, END, CLOSE, STOP -> false;
                };
        String dashes = glyphs.dash().repeat(2);
        if (step.side() == Side.CLIENT) {
            return travels ? "C" + dashes + glyphs.right() + "S" : "C    ";
        }
        return travels ? "C" + glyphs.left() + dashes + "S" : "    S";
    }

    private String painted(String line, String mark, Step step) {
        Ink ink = step.side() == Side.CLIENT ? Ink.CLIENT : Ink.SERVER;
        String state = Labels.state(step);
        String text = line;
        String end = "";
        if (!state.isEmpty() && text.endsWith(state)) {
            text = text.substring(0, text.length() - state.length());
            end = terminal.paint(Ink.STATE, state);
        }
        return text.startsWith(mark) ? terminal.paint(ink, mark) + text.substring(mark.length()) + end : text + end;
    }
}
