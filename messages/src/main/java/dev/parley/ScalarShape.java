package dev.parley;

import dev.parley.json.JsonCursor;
import dev.parley.json.JsonOutput;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The form in JSON of a value that contains no other values. Bytes are written as a text in Base64. */
enum ScalarShape implements JsonShape {
    TEXT,
    BYTES,
    INT,
    LONG,
    DOUBLE,
    TRUTH;

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    static @Nullable ScalarShape ofOrNull(Class<?> type) {
        if (type == String.class) {
            return TEXT;
        } else if (type == byte[].class) {
            return BYTES;
        } else if (type == int.class || type == Integer.class) {
            return INT;
        } else if (type == long.class || type == Long.class) {
            return LONG;
        } else if (type == double.class || type == Double.class) {
            return DOUBLE;
        }
        return type == boolean.class || type == Boolean.class ? TRUTH : null;
    }

    @Override
    public @Nullable Object readOrNull(JsonCursor json) {
        return switch (this) {
            case TEXT -> json.textOrNull();
            case BYTES -> json.base64OrNull();
            case INT -> intOrNull(json.wholeOrNull());
            case LONG -> json.wholeOrNull();
            case DOUBLE -> json.fractionOrNull();
            case TRUTH -> json.truthOrNull();
        };
    }

    static @Nullable Integer intOrNull(@Nullable Long whole) {
        return whole != null && whole == whole.intValue() ? whole.intValue() : null;
    }

    @Override
    public boolean write(@Nullable Object value, JsonOutput json) {
        return switch (value) {
            case null -> writeNull(json);
            case String text when this == TEXT -> json.putText(text);
            case byte[] bytes when this == BYTES -> writeBytes(bytes, json);
            case Integer whole when this == INT -> writeWhole(whole, json);
            case Long whole when this == LONG -> writeWhole(whole, json);
            case Double number when this == DOUBLE -> writeFraction(number, json);
            case Boolean truth when this == TRUTH -> writeWord(truth ? TRUE : FALSE, json);
            default -> false; // the value is an element of a list, and does not have the declared type
        };
    }

    static boolean writeNull(JsonOutput json) {
        return writeWord(NULL, json);
    }

    private static boolean writeWord(byte[] word, JsonOutput json) {
        json.put(word);
        return true;
    }

    private static boolean writeBytes(byte[] bytes, JsonOutput json) {
        json.put('"');
        json.put(Base64.getEncoder().encode(bytes));
        json.put('"');
        return true;
    }

    private static boolean writeWhole(long number, JsonOutput json) {
        json.putWhole(number);
        return true;
    }

    private static boolean writeFraction(double number, JsonOutput json) {
        if (!Double.isFinite(number)) {
            return false;
        }
        json.putFraction(number);
        return true;
    }
}
