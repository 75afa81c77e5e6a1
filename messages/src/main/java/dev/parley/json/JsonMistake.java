package dev.parley.json;

import dev.parley.json.JsonFault.Kind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Describes mistakes in bytes that are not JSON: mistakes that people often make, and syntax of other languages. Any
 * thread may use it.
 */
final class JsonMistake {
    private static final String ENDS = "it ends before the value does";

    private JsonMistake() {}

    static JsonFault notJson(byte[] json, int at, String reason) {
        return new JsonFault(Kind.NOT_JSON, reason, json, at);
    }

    /** Returns the fault if there are other bytes, or the end, instead of a value. */
    static JsonFault insteadOfValue(byte[] json, int at, boolean inArray) {
        String reason = reasonFor(json, at);
        if (reason == null) {
            reason = at < json.length && json[at] == ']' && inArray
                    ? "there is a comma before the end of an array"
                    : endOr(json, at, "a value is missing");
        }
        return notJson(json, at, reason);
    }

    /** Returns the reason if the bytes are the syntax of another language; otherwise null. */
    private static @Nullable String reasonFor(byte[] json, int at) {
        if (starts(json, at, "NaN") || starts(json, at, "Infinity")) {
            return "JSON has no NaN and no Infinity";
        }
        if (starts(json, at, "True") || starts(json, at, "False") || starts(json, at, "None")) {
            return "true, false and null are written in lower case";
        }
        if (starts(json, at, "'")) {
            return "a string must be in double quotes";
        }
        if (starts(json, at, "/") || starts(json, at, "#")) {
            return "JSON has no comments";
        }
        if (starts(json, at, "+") || starts(json, at, ".")) {
            return "a number must start with a digit or a minus sign";
        }
        return null;
    }

    static JsonFault afterMinus(byte[] json, int at) {
        String reason =
                starts(json, at, "Infinity") ? "JSON has no NaN and no Infinity" : "a digit is missing in a number";
        return notJson(json, at, reason);
    }

    static JsonFault insteadOfName(byte[] json, int at) {
        String reason = starts(json, at, "}")
                ? "there is a comma before the end of an object"
                : starts(json, at, "/") ? "JSON has no comments" : endOr(json, at, "a name must be in double quotes");
        return notJson(json, at, reason);
    }

    static JsonFault insteadOfColon(byte[] json, int at) {
        return notJson(json, at, endOr(json, at, "a colon is missing after a name"));
    }

    static JsonFault insteadOfComma(byte[] json, int at, boolean isObject) {
        String missing =
                isObject ? "a comma or the end of an object is missing" : "a comma or the end of an array is missing";
        return notJson(json, at, endOr(json, at, missing));
    }

    static JsonFault inEscape(byte[] json, int at) {
        String reason = starts(json, at, "\\u")
                ? "four hexadecimal digits must follow \\u"
                : "a backslash is before a character that JSON does not escape";
        return notJson(json, at, at + 1 < json.length ? reason : ENDS);
    }

    static JsonFault inText(byte[] json, int at) {
        String reason = at == json.length
                ? "it ends inside a string"
                : String.format("a string has the control character U+%04X, which must be escaped", json[at]);
        return notJson(json, at, reason);
    }

    private static String endOr(byte[] json, int at, String reason) {
        return at < json.length ? reason : ENDS;
    }

    private static boolean starts(byte[] json, int at, String word) {
        return at + word.length() <= json.length
                && word.equals(new String(json, at, word.length(), StandardCharsets.ISO_8859_1));
    }
}
