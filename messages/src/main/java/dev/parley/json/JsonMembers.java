package dev.parley.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The positions of the members of the outermost object in JSON, and the kinds of their values. An object may have very
 * many members, so only the first 64 are kept. A scanner fills it; after that, it does not change.
 */
final class JsonMembers {
    private static final int KEPT_MAX = 64;
    private static final int FIRST_COUNT = 4;

    // The indexes of a member's parts in the array.
    private static final int NAME_START = 0;
    private static final int NAME_END = 1;
    private static final int VALUE_START = 2;
    private static final int VALUE_END = 3;
    private static final int TEXT = 4;
    private static final int PARTS = 5;

    // The bits that describe a text; all are 0 for any other value.
    private static final int IS_TEXT = 1;
    private static final int HAS_ESCAPES = 2;
    private static final int IS_ASCII = 4;

    private final byte[] json;
    private int[] parts = {};
    private int count;
    private boolean isMore;

    /** True if the last member whose name was read is kept, and its value has not ended yet. */
    private boolean isOpen;

    /** The decoded names of the members whose names have escapes, by the index of the member. */
    private Map<Integer, byte[]> meanings = Map.of();

    JsonMembers(byte[] json) {
        this.json = json;
    }

    // Called by the scanner, in the order of the JSON.

    /**
     * Called when the name of a member was read.
     *
     * @param meaning the decoded name if the name has escapes; otherwise null
     */
    void named(int start, int end, byte @Nullable [] meaning) {
        isOpen = count < KEPT_MAX;
        if (!isOpen) {
            isMore = true;
            return;
        }
        if ((count + 1) * PARTS > parts.length) {
            parts = Arrays.copyOf(parts, Math.max(FIRST_COUNT * PARTS, parts.length * 2));
        }
        int at = count * PARTS;
        parts[at + NAME_START] = start;
        parts[at + NAME_END] = end;
        if (meaning != null) {
            meanings = meanings.isEmpty() ? new HashMap<>() : meanings;
            meanings.put(count, meaning);
        }
        count++;
    }

    private boolean isSame(byte[] name, int start, int end, byte @Nullable [] meaning) {
        return meaning == null ? Arrays.equals(json, start, end, name, 0, name.length) : Arrays.equals(meaning, name);
    }

    void valueStarts(int at) {
        if (isOpen) {
            parts[(count - 1) * PARTS + VALUE_START] = at;
        }
    }

    void isText(boolean hasEscapes, boolean isAscii) {
        if (isOpen) {
            parts[(count - 1) * PARTS + TEXT] = IS_TEXT | (hasEscapes ? HAS_ESCAPES : 0) | (isAscii ? IS_ASCII : 0);
        }
    }

    void valueEnds(int at) {
        if (isOpen) {
            parts[(count - 1) * PARTS + VALUE_END] = at;
            isOpen = false;
        }
    }

    // Queries.

    /** Returns true if the object has members that are not kept. */
    boolean hasMore() {
        return isMore;
    }

    /** Returns the index of the member with this name, or a negative number if no such member is kept. */
    int indexOf(String name) {
        byte[] bytes = null;
        int length = name.length();
        for (int i = 0; i < count; i++) {
            int start = part(i, NAME_START);
            byte[] meaning = meanings.isEmpty() ? null : meanings.get(i);
            if (meaning == null && part(i, NAME_END) - start == length && isSpelled(name, start)) {
                return i;
            }
            if (meaning != null || part(i, NAME_END) - start > length) { // a character may have several bytes
                bytes = bytes == null ? name.getBytes(StandardCharsets.UTF_8) : bytes;
                if (isSame(bytes, start, part(i, NAME_END), meaning)) {
                    return i;
                }
            }
        }
        return -1;
    }

    private boolean isSpelled(String name, int start) {
        for (int i = 0; i < name.length(); i++) {
            if (json[start + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int part(int member, int part) {
        return parts[member * PARTS + part];
    }

    int valueStart(int member) {
        return part(member, VALUE_START);
    }

    int valueEnd(int member) {
        return part(member, VALUE_END);
    }

    boolean isText(int member) {
        return part(member, TEXT) != 0;
    }

    /** Returns true if the value is a text without escapes, and all of it is ASCII. */
    boolean isPlainText(int member) {
        return part(member, TEXT) == (IS_TEXT | IS_ASCII);
    }

    /** Returns the text that is the value of this member, in decoded form. */
    String text(int member) {
        int start = valueStart(member) + 1;
        int end = valueEnd(member) - 1;
        if (isPlainText(member)) {
            return new String(json, start, end - start, StandardCharsets.ISO_8859_1);
        }
        return (part(member, TEXT) & HAS_ESCAPES) == 0
                ? new String(json, start, end - start, StandardCharsets.UTF_8)
                : JsonEscapes.text(json, start, end);
    }
}
