package dev.parley.cli.terminal;

import java.util.Map;

/**
 * What one output of the command shows to a person.
 *
 * @param attached whether it is a terminal; else a pipe or a file
 * @param columns how many cells a line has
 * @param colours whether it may be coloured
 * @param unicode whether lines and arrows may be drawn with more than ASCII
 * @param redraws whether a line may be drawn again in its place
 */
public record Terminal(boolean attached, int columns, boolean colours, boolean unicode, boolean redraws) {
    /** The narrowest that anything is drawn for. */
    public static final int COLUMNS_MIN = 20;

    /** The widest that anything is drawn for. */
    public static final int COLUMNS_MAX = 1000;

    private static final int COLUMNS_DEFAULT = 80;

    /** Where nobody is known to look: 80 columns, without colours. */
    public static Terminal plain(boolean attached) {
        return new Terminal(attached, COLUMNS_DEFAULT, false, true, false);
    }

    /**
     * As the environment says: COLUMNS, NO_COLOR and TERM.
     *
     * @param asked the columns that the terminal itself told; 0 where it told none
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

    /** The same with other columns, within what can be drawn; 0 changes nothing. */
    public Terminal withColumns(int other) {
        int drawable = Math.clamp(other, COLUMNS_MIN, COLUMNS_MAX);
        return other <= 0 ? this : new Terminal(attached, drawable, colours, unicode, redraws);
    }

    /** The same, coloured or not. */
    public Terminal withColours(boolean other) {
        return new Terminal(attached, columns, other, unicode, redraws);
    }

    /** The same with ASCII alone. */
    public Terminal withAscii() {
        return new Terminal(attached, columns, colours, false, redraws);
    }

    /** Our own text in this ink, where there are colours. */
    public String paint(Ink ink, String text) {
        return colours ? ink.on(text) : text;
    }

    /** What lines and arrows are drawn with. */
    public Glyphs glyphs() {
        return unicode ? Glyphs.UNICODE : Glyphs.ASCII;
    }
}
