package dev.parley.frame;

/**
 * Why bytes are not one JSON value, and where: {@code a comma stands before the end of an object, at byte 14, line 2,
 * column 3}. It never shows the bytes themselves.
 */
public final class JsonFault extends Exception {
    private static final long serialVersionUID = 1L;

    /** What is wrong with them. */
    public enum Kind {
        /** There is no value at all. */
        EMPTY,
        /** It is not JSON (RFC 8259), or more than we take of it. */
        NOT_JSON,
        /** A text is not UTF-8. */
        NOT_UTF_8,
        /** It is JSON, and more than a limit allows. */
        BEYOND_LIMIT
    }

    private final Kind kind;
    private final String place;

    JsonFault(Kind kind, String reason, byte[] json, int offset) {
        this(kind, reason, place(json, offset));
    }

    private JsonFault(Kind kind, String reason, String place) {
        super(reason + place, null, false, false);
        this.kind = kind;
        this.place = place;
    }

    /** {@return where it shows, as the end of a sentence: {@code , at byte 14, line 2, column 3}} */
    public String place() {
        return place;
    }

    /** {@return what is wrong} */
    public Kind kind() {
        return kind;
    }

    /** Bytes, lines and columns count from 1; a column is a character. */
    private static String place(byte[] json, int offset) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < offset; i++) {
            if (json[i] == '\n') {
                line++;
                column = 1;
            } else if ((json[i] & 0xc0) != 0x80) {
                column++;
            }
        }
        boolean hasLines = line > 1 || hasLineEnd(json, offset);
        return ", at byte " + (offset + 1) + (hasLines ? ", line " + line + ", column " + column : "");
    }

    private static boolean hasLineEnd(byte[] json, int from) {
        for (int i = from; i < json.length - 1; i++) {
            if (json[i] == '\n') {
                return true;
            }
        }
        return false;
    }
}
