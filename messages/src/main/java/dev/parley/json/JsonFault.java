package dev.parley.json;

/**
 * The reason why bytes are not one JSON value, and the place of the fault: {@code there is a comma before the end of an
 * object, at byte 14, line 2, column 3}. The text never contains the bytes themselves.
 */
public final class JsonFault extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kind of fault. */
    public enum Kind {
        /** There is no value at all. */
        EMPTY,
        /** The bytes are not JSON (RFC 8259), or have a name or number that is longer than we accept. */
        NOT_JSON,
        /** A text is not UTF-8. */
        NOT_UTF_8,
        /** The bytes are JSON, but exceed a limit. */
        BEYOND_LIMIT
    }

    private final Kind kind;
    private final String reason;
    private final String place;

    JsonFault(Kind kind, String reason, byte[] json, int offset) {
        this(kind, reason, place(json, offset));
    }

    private JsonFault(Kind kind, String reason, String place) {
        super(reason + place, null, false, false);
        this.kind = kind;
        this.reason = reason;
        this.place = place;
    }

    /** {@return the reason without the position of the fault} */
    public String reason() {
        return reason;
    }

    /** {@return the position of the fault, as the end of a sentence: {@code , at byte 14, line 2, column 3}} */
    public String place() {
        return place;
    }

    /** {@return the kind of fault} */
    public Kind kind() {
        return kind;
    }

    /** Describes a position. Bytes, lines and columns are counted from 1. Each character is one column. */
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
