package dev.parley.cli.terminal;

import java.util.Map;

/**
 * The properties of one output of the command, and of the terminal to which it goes, if it goes to one.
 *
 * @param attached true if the output goes to a terminal; false if it goes to a pipe or a file
 * @param columns the number of cells in a line
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

    /** Returns a terminal with 80 columns and without colours, for an output about which nothing else is known. */
    public static Terminal plain(boolean attached) {
        return new Terminal(attached, COLUMNS_DEFAULT, false, true, false);
    }

    /**
     * Returns a terminal as the environment variables COLUMNS, NO_COLOR and TERM describe it.
     *
     * @param asked the number of columns that the terminal itself reported; 0 if it reported none
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

    /**
     * Returns this terminal with another number of columns, clamped to {@link #COLUMNS_MIN} and {@link #COLUMNS_MAX}.
     * If the number is 0 or less, returns this terminal.
     */
    public Terminal withColumns(int other) {
        int drawable = Math.clamp(other, COLUMNS_MIN, COLUMNS_MAX);
        return other <= 0 ? this : new Terminal(attached, drawable, colours, unicode, redraws);
    }

    /** Returns this terminal with or without colours. */
    public Terminal withColours(boolean other) {
        return new Terminal(attached, columns, other, unicode, redraws);
    }

    /** Returns this terminal with ASCII only. */
    public Terminal withAscii() {
        return new Terminal(attached, columns, colours, false, redraws);
    }

    /** Returns the text in this colour, or unchanged if this terminal has no colours. The text must be our own. */
    public String paint(Ink ink, String text) {
        return colours ? ink.on(text) : text;
    }

    /** Returns the characters with which lines and arrows are drawn. */
    public Glyphs glyphs() {
        return unicode ? Glyphs.UNICODE : Glyphs.ASCII;
    }
}
