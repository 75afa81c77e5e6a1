package dev.parley.frame;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small flat JSON object in ASCII, read by hand: {@code {"action": "search", "value": "morpheus"}}. Most requests are
 * one, and a general parser costs more than all the rest of their way. It never guesses: what has an escape, a nested
 * value, a byte outside ASCII, more than 8 members or more than 4,096 bytes is for the general parser, which is the
 * stricter judge. Immutable.
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

    private final byte[] json;
    private final int[] nameStarts = new int[MEMBERS_MAX];
    private final int[] nameEnds = new int[MEMBERS_MAX];
    private final int[] valueStarts = new int[MEMBERS_MAX];
    private final int[] valueEnds = new int[MEMBERS_MAX];
    private final int members;

    // Where the parser stands.
    private int found;
    private int at;

    /** Final fields hold all of it, so that whoever sees the object sees it whole. */
    private FlatObject(byte[] json) {
        this.json = json;
        this.members = parse() ? found : NOT_FLAT;
    }

    /**
     * {@return the object, where these bytes are wholly one; else null, which says nothing about them}
     *
     * @param json kept, not copied
     */
    public static @Nullable FlatObject parseOrNull(byte[] json) {
        if (json.length > BYTES_MAX) {
            return null;
        }
        var object = new FlatObject(json);
        return object.members == NOT_FLAT ? null : object;
    }

    /**
     * {@return whether it has a member of this name}
     *
     * @param name in ASCII
     */
    public boolean has(String name) {
        return indexOf(name) >= 0;
    }

    /**
     * {@return the text of a member; null where there is none of this name or it is no string}
     *
     * @param name in ASCII
     */
    public @Nullable String text(String name) {
        int index = indexOf(name);
        if (index < 0 || json[valueStarts[index]] != '"') {
            return null;
        }
        int start = valueStarts[index] + 1;
        return new String(json, start, valueEnds[index] - 1 - start, StandardCharsets.ISO_8859_1);
    }

    /**
     * {@return whether the text of a member is this one; no string is made for that}
     *
     * @param name in ASCII
     * @param text any
     */
    public boolean isText(String name, String text) {
        int index = indexOf(name);
        return index >= 0
                && json[valueStarts[index]] == '"'
                && same(valueStarts[index] + 1, valueEnds[index] - 1, text);
    }

    private int indexOf(String name) {
        for (int i = 0; i < members; i++) {
            if (same(nameStarts[i], nameEnds[i], name)) {
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
        nameStarts[found] = at + 1;
        if (!string()) {
            return false;
        }
        nameEnds[found] = at - 1;
        skipSpace();
        if (isTwice() || !take(':')) {
            return false;
        }
        skipSpace();
        valueStarts[found] = at;
        if (!value()) {
            return false;
        }
        valueEnds[found++] = at;
        skipSpace();
        return true;
    }

    private boolean isTwice() {
        for (int i = 0; i < found; i++) {
            boolean same = Arrays.equals(json, nameStarts[i], nameEnds[i], json, nameStarts[found], nameEnds[found]);
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
        byte[] bytes = json;
        int end = at;
        while (end < bytes.length && bytes[end] != '"') {
            if (bytes[end] < 0x20 || bytes[end] == '\\') { // a byte outside ASCII is negative
                return false;
            }
            end++;
        }
        at = end;
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
        return at > start && (json[start] != '0' || at == start + 1);
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
