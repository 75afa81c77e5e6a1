package dev.parley.net.text;

/**
 * Makes foreign text safe for one line of a terminal or a log: no control characters, no direction marks, bounded. Any
 * thread may call it.
 */
public final class SafeText {
    private static final int CODE_POINTS_MAX = 256;

    private SafeText() {}

    /**
     * {@return the text, cut after 256 code points, where an ellipsis follows; what does not print is written as JSON
     * escapes it, a backslash, a u and four hex digits, two of these above U+FFFF}
     *
     * @param foreign from a peer or a user
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
     * {@return text of any length made safe for a terminal, as {@link #text} does, but with its line feeds and tabs}
     *
     * @param foreign from a peer or a user
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
     * {@return the text of an object made safe for one line, without a bound} For an address, it is to be read, and may
     * not parse: the address of a peer on a Unix socket is a path that the peer has chosen.
     *
     * @param object a text from a peer or a user, or an object whose {@code toString} has such a text
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
            for (char unit : Character.toChars(point)) { // a pair, as JSON and Java write it
                safe.append(String.format("\\u%04x", (int) unit));
            }
        }
    }
}
