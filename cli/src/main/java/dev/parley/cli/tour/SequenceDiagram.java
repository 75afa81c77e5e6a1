package dev.parley.cli.tour;

import dev.parley.net.Escaped;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws steps as a sequence diagram, one row for each: the client's calls on the left, the server's on the right, what
 * travels between them. 80 columns wide.
 */
public final class SequenceDiagram {
    private static final int LABEL_COLUMNS = 25;
    private static final int ARROW_COLUMNS = 26;
    private static final char LIFELINE = '\u2502';

    private final boolean numbered;

    private SequenceDiagram(boolean numbered) {
        this.numbered = numbered;
    }

    /** The rows, without a heading. */
    public static List<String> rows(List<Step> steps) {
        boolean several = steps.stream().mapToInt(Step::connection).max().orElse(0) > 1;
        var diagram = new SequenceDiagram(several);
        var rows = new ArrayList<String>();
        rows.add(diagram.row("client", " ".repeat(ARROW_COLUMNS), "server", ' '));
        for (Step step : steps) {
            rows.add(diagram.row(step));
        }
        return rows;
    }

    private String row(Step step) {
        String label = label(step);
        boolean client = step.side() == Side.CLIENT;
        return row(client ? label : "", arrow(step), client ? "" : label, LIFELINE);
    }

    private String row(String left, String middle, String right, char line) {
        return (padLeft(cut(left, LABEL_COLUMNS)) + " " + line + middle + line + " " + cut(right, LABEL_COLUMNS))
                .stripTrailing();
    }

    private String label(Step step) {
        String number = numbered && step.connection() > 0 ? "#" + step.connection() + " " : "";
        return switch (step.call()) {
            case SEND, RECEIVE -> number + step.call().text() + " " + step.bytes();
            case CONNECT, ACCEPT, BIND, CONNECTED ->
                withAddress(number + step.call().text() + " ", withoutScheme(step.detail()));
            default -> (number + step.call().text() + " " + step.detail()).stripTrailing();
        };
    }

    /** Where there is no room for all of it, the port says enough: every address of the tour is one of the loopback. */
    private static String withAddress(String what, String address) {
        boolean fits = columns(what + address) <= LABEL_COLUMNS;
        return what + (fits ? address : address.substring(address.lastIndexOf(':')));
    }

    private static String withoutScheme(String detail) {
        return detail.replace("tcp://", "").replace("to ", "").replace("from ", "");
    }

    /** What the step puts on the wire; a receive takes something off it, which its text shows. */
    private static String arrow(Step step) {
        boolean right = step.side() == Side.CLIENT;
        return switch (step.call()) {
            case CONNECT -> travelling("SYN [" + step.state() + "]", right);
            case SEND -> travelling('"' + Escaped.text(step.detail()) + '"', right);
            case SHUTDOWN -> travelling("FIN [" + step.state() + "]", right);
            case RECEIVE -> resting('"' + Escaped.text(step.detail()) + '"', right);
            case BIND, LISTEN, STOP -> " ".repeat(ARROW_COLUMNS);
            default -> resting("[" + step.state() + "]", right);
        };
    }

    private static String travelling(String what, boolean right) {
        String text = cut(what, ARROW_COLUMNS - 6);
        int dashes = ARROW_COLUMNS - columns(text) - 1;
        String before = "\u2500".repeat(dashes / 2);
        String after = "\u2500".repeat(dashes - dashes / 2);
        return right ? before + text + after + "\u25b6" : "\u25c0" + before + text + after;
    }

    private static String resting(String what, boolean left) {
        String text = cut(what, ARROW_COLUMNS - 2);
        String space = " ".repeat(ARROW_COLUMNS - 1 - columns(text));
        return left ? " " + text + space : space + text + " ";
    }

    private static String padLeft(String text) {
        return " ".repeat(LABEL_COLUMNS - columns(text)) + text;
    }

    private static String cut(String text, int columns) {
        if (columns(text) <= columns) {
            return text;
        }
        var kept = new StringBuilder();
        for (int point : text.codePoints().toArray()) {
            if (columns(kept.toString()) + columnsOf(point) > columns - 1) {
                break;
            }
            kept.appendCodePoint(point);
        }
        return kept.append('\u2026').toString();
    }

    private static int columns(String text) {
        return text.codePoints().map(SequenceDiagram::columnsOf).sum();
    }

    /** Emoji take two columns of a terminal; the tutorial's answers have some. */
    private static int columnsOf(int point) {
        return point >= 0x1f000 ? 2 : 1;
    }
}
