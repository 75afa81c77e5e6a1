package dev.parley.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small flat JSON object in ASCII, read by hand-written code: {@code {"action": "search", "value": "morpheus"}}. Most
 * requests are such an object, and a general parser costs more than the rest of their handling. This class leaves all
 * other objects to the general parser: objects with an escape, a nested value, a number that is not a whole number or
 * has more than 1,000 digits, a byte outside ASCII, more than 8 members, or more than 4,096 bytes.
 * Immutable as long as nothing writes to the array.
 *
 * {@snippet :
 * byte[] json = "{\"action\": \"search\", \"value\": \"morpheus\"}".getBytes(StandardCharsets.UTF_8);
 * FlatObject object = FlatObject.parseOrNull(json);
 * if (object != null && object.isText("action", "search")) {
 *     System.out.println(object.text("value")); // morpheus
 * }
 * }
 */
public final class FlatObject {
    private static final int MEMBERS_MAX = 8;
    private static final int BYTES_MAX = 4_096;
    private static final int NOT_FLAT = -1;

    /** The number of decimal digits that always fit into a long. */
    private static final int DIGITS_MAX = 18;

    // The indexes of a member's parts in the array. The array has {@link #PARTS} ints for each member, and after them
    // the number of members.
    private static final int NAME_START = 0;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;
    private static final int PARTS = 4;
    private static final int COUNT = MEMBERS_MAX * PARTS;

    private final byte[] json;
    private final int[] parts = new int[COUNT + 1];

    // The state of the parser.
    private int found;
    private int at;

    /**
     * Parses the array. The result is in final fields, so every thread that gets the object sees the complete result.
     */
    private FlatObject(byte[] json) {
        this.json = json;
        parts[COUNT] = parse() ? found : NOT_FLAT;
    }

    /**
     * {@return whether the array is still a flat object after its bytes have changed} This method parses the array
     * again. Only the one thread that uses this object may call it.
     */
    public boolean isFlatNow() {
        found = 0;
        at = 0;
        parts[COUNT] = parse() ? found : NOT_FLAT;
        return parts[COUNT] != NOT_FLAT;
    }

    private int part(int member, int part) {
        return parts[member * PARTS + part];
    }

    private void part(int member, int part, int value) {
        parts[member * PARTS + part] = value;
    }

    /**
     * {@return the object, if the bytes are exactly one flat object; otherwise null, but the bytes may still be valid
     * JSON}
     *
     * @param json the bytes; kept, not copied
     */
    public static @Nullable FlatObject parseOrNull(byte[] json) {
        if (json.length > BYTES_MAX) {
            return null;
        }
        var object = new FlatObject(json);
        return object.parts[COUNT] == NOT_FLAT ? null : object;
    }

    /** {@return whether the object has no members} */
    public boolean isEmpty() {
        return parts[COUNT] == 0;
    }

    /**
     * {@return whether the object has a member with this name}
     *
     * @param name the name of the member, in ASCII
     */
    public boolean has(String name) {
        return indexOf(name) >= 0;
    }

    /**
     * {@return the text of a member; null if there is no member with this name, or its value is not a string}
     *
     * @param name the name of the member, in ASCII
     */
    public @Nullable String text(String name) {
        int index = indexOf(name);
        if (index < 0 || json[part(index, VALUE_START)] != '"') {
            return null;
        }
        int start = part(index, VALUE_START) + 1;
        return new String(json, start, part(index, VALUE_END) - 1 - start, StandardCharsets.ISO_8859_1);
    }

    /**
     * {@return a copy of the bytes of the member's value, unchanged}
     *
     * @param name the name of the member, in ASCII; {@link #has} must be true for it
     */
    public byte[] bytes(String name) {
        int index = indexOf(name);
        return Arrays.copyOfRange(json, part(index, VALUE_START), part(index, VALUE_END));
    }

    /**
     * {@return whether the value of a member is this text; this comparison does not create a string}
     *
     * @param name the name of the member, in ASCII
     * @param text any text
     */
    public boolean isText(String name, String text) {
        int index = indexOf(name);
        return index >= 0
                && json[part(index, VALUE_START)] == '"'
                && same(part(index, VALUE_START) + 1, part(index, VALUE_END) - 1, text);
    }

    /**
     * {@return the value of a member as a whole number; -1 if there is no member with this name, if its value is not a
     * whole number, or if the number has more than 18 digits}
     *
     * @param name the name of the member, in ASCII
     */
    public long number(String name) {
        int index = indexOf(name);
        if (index < 0) {
            return -1;
        }
        int start = part(index, VALUE_START);
        int end = part(index, VALUE_END);
        if (json[start] < '0' || json[start] > '9' || end - start > DIGITS_MAX) {
            return -1;
        }
        long number = 0;
        for (int i = start; i < end; i++) {
            number = number * 10 + json[i] - '0';
        }
        return number;
    }

    /**
     * {@return whether the value of a member is true; null if there is no member with this name, or its value is
     * neither true nor false}
     *
     * @param name the name of the member, in ASCII
     */
    public @Nullable Boolean truthOrNull(String name) {
        int index = indexOf(name);
        int first = index < 0 ? 0 : json[part(index, VALUE_START)];
        return first == 't' ? Boolean.TRUE : first == 'f' ? Boolean.FALSE : null;
    }

    private int indexOf(String name) {
        for (int i = 0; i < parts[COUNT]; i++) {
            if (same(part(i, NAME_START), part(i, NAME_END), name)) {
                return i;
            }
        }
        return -1;
    }

    private boolean same(int start, int end, String text) {
        if (end - start != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (json[start + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean parse() {
        skipSpace();
        if (!take('{')) {
            return false;
        }
        skipSpace();
        if (!take('}') && !parseMembers()) {
            return false;
        }
        skipSpace();
        return at == json.length;
    }

    private boolean parseMembers() {
        do {
            if (found == MEMBERS_MAX || !parseMember()) {
                return false;
            }
        } while (take(','));
        return take('}');
    }

    private boolean parseMember() {
        skipSpace();
        part(found, NAME_START, at + 1);
        if (!string()) {
            return false;
        }
        part(found, NAME_END, at - 1);
        skipSpace();
        if (isTwice() || !take(':')) {
            return false;
        }
        skipSpace();
        part(found, VALUE_START, at);
        if (!value()) {
            return false;
        }
        part(found++, VALUE_END, at);
        skipSpace();
        return true;
    }

    private boolean isTwice() {
        for (int i = 0; i < found; i++) {
            boolean same = Arrays.equals(
                    json, part(i, NAME_START), part(i, NAME_END), json, part(found, NAME_START), part(found, NAME_END));
            if (same) {
                return true;
            }
        }
        return false;
    }

    private boolean value() {
        if (at == json.length) {
            return false;
        }
        return switch (json[at]) {
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> wholeNumber();
        };
    }

    private boolean string() {
        if (!take('"')) {
            return false;
        }
        at = Utf8.plainEnd(json, at, json.length);
        return take('"');
    }

    private boolean word(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (!take(word.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean wholeNumber() {
        int start = at;
        while (at < json.length && json[at] >= '0' && json[at] <= '9') {
            at++;
        }
        return at > start && at - start <= JsonScan.DIGITS_MAX && (json[start] != '0' || at == start + 1);
    }

    private boolean take(char wanted) {
        if (at == json.length || json[at] != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private void skipSpace() {
        while (at < json.length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\t' || json[at] == '\r')) {
            at++;
        }
    }
}
