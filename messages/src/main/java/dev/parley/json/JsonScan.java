package dev.parley.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The result of a scan of JSON. A scan reads JSON in UTF-8 once, as bytes, without creating objects for the values. It
 * checks that the bytes are one value without duplicate names (RFC 8259), and that this value is within limits. It
 * finds the values of the outermost object's members.
 *
 * {@snippet :
 * byte[] json = "{\"action\": \"echo\", \"value\": [1, 2.50]}".getBytes(StandardCharsets.UTF_8);
 * JsonScan scan = JsonScan.of(json, JsonScan.DEPTH_MAX, Integer.MAX_VALUE);
 * String action = scan.text("action"); // echo
 * byte[] value = scan.bytes("value"); // [1, 2.50]
 * }
 *
 * <p>The array must not change. Any thread may read the result.
 */
public final class JsonScan {
    /** The maximum depth of nested arrays and objects. */
    public static final int DEPTH_MAX = 500;

    /** The maximum number of digits of a number, including the digits of its exponent. */
    public static final int DIGITS_MAX = 1_000;

    /** The maximum number of bytes of a name. */
    public static final int NAME_BYTES_MAX = 50_000;

    /**
     * If a content has at most this many bytes, {@link #joined} copies its values. A frame reader uses the arrays of
     * such short contents again, so this number must not be smaller than the length of the longest content whose array
     * is used again.
     */
    public static final int COPIED_BYTES_MAX = 4 * 1024;

    private final byte[] json;
    private final JsonMembers members;
    private final int values;
    private final int depth;

    /**
     * The last lookup of a name that is not among the kept members. We keep this lookup, because a caller that checks
     * for a member usually asks for the member's value next. Null before the first such lookup.
     */
    private volatile @Nullable Sought sought;

    private record Sought(String name, JsonMembers members) {}

    private JsonScan(byte[] json, JsonMembers members, int values, int depth) {
        this.json = json;
        this.members = members;
        this.values = values;
        this.depth = depth;
    }

    /**
     * {@return the result of scanning one JSON value}
     *
     * @param json all bytes of the value
     * @param depthMax the maximum depth of nested arrays and objects, 1 to {@link #DEPTH_MAX}
     * @param valuesMax the maximum number of values; arrays, objects, and the values in them all count
     * @throws JsonFault if the bytes are not one JSON value, or exceed a limit
     */
    public static JsonScan of(byte[] json, int depthMax, int valuesMax) throws JsonFault {
        var members = new JsonMembers(json, null);
        var scanner = new JsonScanner(json, depthMax, valuesMax, members);
        int values = scanner.readAll();
        return new JsonScan(json, members, values, scanner.depth());
    }

    /** {@return the array that was scanned; it is not a copy} */
    public byte[] json() {
        return json;
    }

    /** {@return the depth to which arrays and objects are nested; 0 if there are none} */
    public int depth() {
        return depth;
    }

    /** {@return the number of values, including arrays, objects, and the values in them} */
    public int values() {
        return values;
    }

    /**
     * {@return whether the outermost value is an object that has a member with this name}
     *
     * @param name the name of the member
     */
    public boolean has(String name) {
        return membersWith(name).indexOf(name) >= 0;
    }

    /**
     * {@return a copy of the bytes of the member's value, with the escapes and digits as the peer wrote them}
     *
     * @param name the name of a member for which {@link #has} is true
     */
    public byte[] bytes(String name) {
        JsonMembers in = membersWith(name);
        int index = in.indexOf(name);
        return Arrays.copyOfRange(json, in.valueStart(index), in.valueEnd(index));
    }

    /**
     * {@return the text of a member; null if there is no member with this name, or its value is not a text}
     *
     * @param name the name of the member
     */
    public @Nullable String text(String name) {
        JsonMembers in = membersWith(name);
        int index = in.indexOf(name);
        return index >= 0 && in.isText(index) ? in.text(index) : null;
    }

    /**
     * {@return a cursor at the value of a member; null if there is no member with this name}
     *
     * @param name the name of the member
     */
    public @Nullable JsonCursor cursorOrNull(String name) {
        JsonMembers in = membersWith(name);
        int index = in.indexOf(name);
        if (index < 0) {
            return null;
        }
        return new JsonCursor(json, in.valueStart(index), in.isPlainText(index) ? in.valueEnd(index) - 1 : -1);
    }

    /**
     * {@return the member's value with other bytes around it, as a content to send} If the scanned content has more
     * than {@link #COPIED_BYTES_MAX} bytes, the value is not copied. Then the array that was scanned must not change
     * until the content is sent.
     *
     * @param before the bytes before the value; kept, not copied
     * @param name the name of a member for which {@link #has} is true
     * @param after the bytes after the value; kept, not copied
     */
    public JoinedBytes joined(byte[] before, String name, byte[] after) {
        JsonMembers in = membersWith(name);
        int index = in.indexOf(name);
        int start = in.valueStart(index);
        int length = in.valueEnd(index) - start;
        ByteBuffer value = json.length > COPIED_BYTES_MAX
                ? ByteBuffer.wrap(json, start, length)
                : ByteBuffer.wrap(Arrays.copyOfRange(json, start, start + length));
        return new JoinedBytes(ByteBuffer.wrap(before), value, ByteBuffer.wrap(after));
    }

    /**
     * Returns the kept members, if one of them has this name, or if all members were kept. This is nearly always so.
     * Otherwise scans the JSON again, and keeps and returns the members with this name.
     */
    private JsonMembers membersWith(String name) {
        if (!members.hasMore() || members.indexOf(name) >= 0) {
            return members;
        }
        Sought before = sought;
        if (before != null && before.name().equals(name)) {
            return before.members();
        }
        var found = new JsonMembers(json, name.getBytes(StandardCharsets.UTF_8));
        try {
            new JsonScanner(json, DEPTH_MAX, Integer.MAX_VALUE, found).readAll();
        } catch (JsonFault impossible) {
            throw new IllegalStateException("the array has changed", impossible);
        }
        sought = new Sought(name, found);
        return found;
    }
}
