package dev.parley.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the texts, numbers and truth values that are members of a JSON object, but not those of nested objects. A test
 * may send wrong JSON on purpose, so this parser accepts more than JSON, and never throws: if it cannot read a text, it
 * finds no members.
 */
final class JsonMembers {
    private final String text;
    private final Map<String, String> found = new LinkedHashMap<>();
    private int at;

    private JsonMembers(String text) {
        this.text = text;
    }

    /**
     * Returns the value of each member as text, by the member's name. Strings are without their quotes. Returns null if
     * the text is not an object.
     */
    static @Nullable Map<String, String> of(String text) {
        var members = new JsonMembers(text);
        try {
            return members.readObject() ? members.found : null;
        } catch (IndexOutOfBoundsException | NumberFormatException endsInside) {
            return null;
        }
    }

    private boolean readObject() {
        if (!takes('{')) {
            return false;
        }
        if (takes('}')) {
            return true;
        }
        do {
            skipBlanks();
            String name = readString();
            if (!takes(':')) {
                return false;
            }
            String value = readValue();
            if (value != null) {
                found.put(name, value);
            }
        } while (takes(','));
        return takes('}');
    }

    private boolean takes(char wanted) {
        skipBlanks();
        if (text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    /** Returns a value as text. If it is an object or an array, skips it and returns null. */
    private @Nullable String readValue() {
        skipBlanks();
        char first = text.charAt(at);
        if (first == '"') {
            return readString();
        }
        if (first == '{' || first == '[') {
            skipNested();
            return null;
        }
        int start = at;
        while (",}] \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private void skipNested() {
        int depth = 0;
        do {
            char next = text.charAt(at);
            if (next == '"') {
                readString();
                continue;
            }
            at++;
            if (next == '{' || next == '[') {
                depth++;
            } else if (next == '}' || next == ']') {
                depth--;
            }
        } while (depth > 0);
    }

    private String readString() {
        var value = new StringBuilder();
        at++;
        for (char next = text.charAt(at++); next != '"'; next = text.charAt(at++)) {
            value.append(next == '\\' ? readEscape() : next);
        }
        return value.toString();
    }

    private char readEscape() {
        char kind = text.charAt(at++);
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            default -> kind;
        };
    }
}
