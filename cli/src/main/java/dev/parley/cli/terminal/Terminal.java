package dev.parley.cli.terminal;

import java.util.Map;

/**
 * The properties of the terminal, if any, that one output of the command goes to.
 *
 * @param attached whether it is a terminal; else a pipe or a file
 * @param columns the number of cells of a line
 * @param colours whether output may be coloured
 * @param unicode whether lines and arrows may be drawn with characters outside ASCII
 * @param redraws whether a line may be drawn again in place
 */
public record Terminal(boolean attached, int columns, boolean colours, boolean unicode, boolean redraws) {
    /** The smallest width for which anything is drawn. */
    public static final int COLUMNS_MIN = 20;

    /** The largest width for which anything is drawn. */
    public static final int COLUMNS_MAX = 1000;

    private static final int COLUMNS_DEFAULT = 80;

    /** Returns a terminal of 80 columns without colours, for an output of which nothing is known. */
    public static Terminal plain(boolean attached) {
        return new Terminal(attached, COLUMNS_DEFAULT, false, true, false);
    }

    /**
     * Returns a terminal as the environment describes it: COLUMNS, NO_COLOR and TERM.
     *
     * @param asked the columns that the terminal itself reported; 0 if it reported none
     * @param unicode whether the locale's character set is UTF-8
     */
    public static Terminal of(boolean attached, int asked, boolean unicode, Map<String, String> environment) {
        boolean dumb = environment.getOrDefault("TERM", "").equals("dumb");
        boolean colours =
                attached && !dumb && environment.getOrDefault("NO_COLOR", "").isEmpty();
        int wanted = number(environment.getOrDefault("COLUMNS", ""));
        return new Terminal(attached, COLUMNS_DEFAULT, colours, unicode && !(attached && dumb), attached && !dumb)
                .withColumns(wanted > 0 ? wanted : asked);
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }

    /** Returns this terminal with other columns, clamped to the widths that can be drawn; 0 changes nothing. */
    public Terminal withColumns(int other) {
        int drawable = Math.clamp(other, COLUMNS_MIN, COLUMNS_MAX);
        return other <= 0 ? this : new Terminal(attached, drawable, colours, unicode, redraws);
    }

    /** Returns this terminal, coloured or not. */
    public Terminal withColours(boolean other) {
        return new Terminal(attached, columns, other, unicode, redraws);
    }

    /** Returns this terminal with ASCII only. */
    public Terminal withAscii() {
        return new Terminal(attached, columns, colours, false, redraws);
    }

    /** Returns our own text in this ink, if there are colours. */
    public String paint(Ink ink, String text) {
        return colours ? ink.on(text) : text;
    }

    /** Returns the characters with which lines and arrows are drawn. */
    public Glyphs glyphs() {
        return unicode ? Glyphs.UNICODE : Glyphs.ASCII;
    }
}
