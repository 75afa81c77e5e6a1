package dev.parley.frame;

import java.nio.charset.StandardCharsets;

/**
 * JSON strings as Python's {@code json.dumps(…, ensure_ascii=False)} writes them: non-ASCII characters are kept. Half a
 * surrogate pair, which UTF-8 cannot say, is escaped.
 */
public final class JsonText {
    private JsonText() {}

    /**
     * {@return the text as a JSON string, with its quotes}
     *
     * @param text any
     */
    public static String string(String text) {
        var json = new StringBuilder();
        appendString(json, text);
        return json.toString();
    }

    /**
     * Appends the text as a JSON string, with its quotes.
     *
     * @param json where it goes
     * @param text any
     */
    public static void appendString(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            append(json, text, i);
        }
        json.append('"');
    }

    /**
     * {@return JSON as bytes, with each half of a surrogate pair escaped; in JSON one stands in a string only}
     *
     * @param json whole JSON; nothing else of it is checked
     */
    public static byte[] utf8(String json) {
        return escaped(json).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return JSON with each half of a surrogate pair escaped; the same text if it has none}
     *
     * @param json whole JSON; nothing else of it is checked
     */
    public static String escaped(String json) {
        return hasHalfPair(json) ? withHalfPairsEscaped(json) : json;
    }

    /**
     * {@return whether the text has half a surrogate pair, which no encoding of Unicode can say}
     *
     * @param text any
     */
    public static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHalfPair(text, i)) {
                return true;
            }
        }
        return false;
    }

    private static String withHalfPairsEscaped(String json) {
        var escaped = new StringBuilder(json.length() + 16);
        for (int i = 0; i < json.length(); i++) {
            char unit = json.charAt(i);
            if (isHalfPair(json, i)) {
                escaped.append(String.format("\\u%04x", (int) unit));
            } else {
                escaped.append(unit);
            }
        }
        return escaped.toString();
    }

    private static void append(StringBuilder json, String text, int at) {
        char unit = text.charAt(at);
        switch (unit) {
            case '"' -> json.append("\\\"");
            case '\\' -> json.append("\\\\");
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            case '\b' -> json.append("\\b");
            case '\f' -> json.append("\\f");
            default -> {
                if (unit < 0x20 || isHalfPair(text, at)) {
                    json.append(String.format("\\u%04x", (int) unit));
                } else {
                    json.append(unit);
                }
            }
        }
    }

    /** UTF-8 cannot say half a surrogate pair. */
    private static boolean isHalfPair(String text, int at) {
        char unit = text.charAt(at);
        if (Character.isHighSurrogate(unit)) {
            return at + 1 >= text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(unit) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
