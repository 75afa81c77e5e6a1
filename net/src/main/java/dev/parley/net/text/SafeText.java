package dev.parley.net.text;

/**
 * Makes text of a peer or a user safe for a terminal or a log: it escapes control characters and direction marks, and
 * can limit the length. Any thread may call it.
 */
public final class SafeText {
    private static final int CODE_POINTS_MAX = 256;

    private SafeText() {}

    /**
     * {@return the text made safe for one line: a text of more than 256 code points is cut there, and an ellipsis is
     * added; a character that does not print is written as in JSON, as a backslash, a u and four hex digits, and as two
     * of these if it is above U+FFFF}
     *
     * @param foreign a text of a peer or a user
     */
    public static String text(String foreign) {
        var safe = new StringBuilder();
        foreign.codePoints().limit(CODE_POINTS_MAX).forEach(point -> append(safe, point));
        if (foreign.codePointCount(0, foreign.length()) > CODE_POINTS_MAX) {
            safe.append('…');
        }
        return safe.toString();
    }

    /**
     * {@return the text made safe for a terminal; in contrast to {@link #text}, it is not cut, and keeps its line feeds
     * and tabs}
     *
     * @param foreign a text of a peer or a user
     */
    public static String lines(String foreign) {
        var safe = new StringBuilder();
        foreign.codePoints().forEach(point -> {
            if (point == '\n' || point == '\t') {
                safe.appendCodePoint(point);
            } else {
                append(safe, point);
            }
        });
        return safe.toString();
    }

    /**
     * {@return the text of an object made safe for one line, without a limit on its length} For an address, the result
     * is meant for people, and {@code Address.parse} may not accept it: the address of a peer on a Unix socket is a
     * path that the peer has chosen.
     *
     * @param object a text of a peer or a user, or an object whose {@code toString} contains such a text
     */
    public static String line(Object object) {
        String foreign = object.toString();
        if (foreign.codePoints().allMatch(SafeText::prints)) {
            return foreign;
        }
        var safe = new StringBuilder();
        foreign.codePoints().forEach(point -> append(safe, point));
        return safe.toString();
    }

    private static boolean prints(int point) {
        int type = Character.getType(point);
        return type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.SURROGATE
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR
                && type != Character.UNASSIGNED;
    }

    private static void append(StringBuilder safe, int point) {
        if (prints(point)) {
            safe.appendCodePoint(point);
        } else {
            for (char unit : Character.toChars(point)) { // a code point above U+FFFF has two, as in JSON and Java
                safe.append(String.format("\\u%04x", (int) unit));
            }
        }
    }
}
