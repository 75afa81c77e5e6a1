package dev.parley.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
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
        var members = new JsonMembers(json);
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

    /** {@return whether the outermost value is an object with so many members that looking them up by name is slow} */
    public boolean isLargeObject() {
        return members.hasMore();
    }

    /** {@return a cursor at the outermost value} */
    public JsonCursor cursor() {
        return new JsonCursor(json, start(), -1);
    }

    private int start() {
        int at = 0;
        while (json[at] <= ' ') {
            at++;
        }
        return at;
    }

    /**
     * {@return whether the outermost value is an object that has a member with this name}
     *
     * @param name the name of the member
     */
    public boolean has(String name) {
        return members.indexOf(name) >= 0 || laterOrNull(name) != null;
    }

    /**
     * {@return a copy of the bytes of the member's value, with the escapes and digits as the peer wrote them}
     *
     * @param name the name of a member for which {@link #has} is true
     */
    public byte[] bytes(String name) {
        ByteBuffer value = value(name);
        return Arrays.copyOfRange(json, value.position(), value.limit());
    }

    /** Returns the bytes of a member's value, which are not copied. */
    private ByteBuffer value(String name) {
        int index = members.indexOf(name);
        if (index >= 0) {
            int start = members.valueStart(index);
            return ByteBuffer.wrap(json, start, members.valueEnd(index) - start);
        }
        JsonCursor later = Objects.requireNonNull(laterOrNull(name), "there is no such member");
        int start = later.at();
        later.skip();
        return ByteBuffer.wrap(json, start, later.at() - start);
    }

    /**
     * {@return the text of a member; null if there is no member with this name, or its value is not a text}
     *
     * @param name the name of the member
     */
    public @Nullable String text(String name) {
        int index = members.indexOf(name);
        if (index >= 0) {
            return members.isText(index) ? members.text(index) : null;
        }
        JsonCursor later = laterOrNull(name);
        return later == null ? null : later.textOrNull();
    }

    /**
     * {@return a cursor at the value of a member; null if there is no member with this name}
     *
     * @param name the name of the member
     */
    public @Nullable JsonCursor cursorOrNull(String name) {
        int index = members.indexOf(name);
        if (index < 0) {
            return laterOrNull(name);
        }
        return new JsonCursor(
                json, members.valueStart(index), members.isPlainText(index) ? members.valueEnd(index) - 1 : -1);
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
        ByteBuffer value = json.length > COPIED_BYTES_MAX ? value(name) : ByteBuffer.wrap(bytes(name));
        return new JoinedBytes(ByteBuffer.wrap(before), value, ByteBuffer.wrap(after));
    }

    /**
     * Returns a cursor at the value of a member that is not kept, because the object has very many members. Null if
     * there is no such member, which is known at once for nearly every object.
     */
    private @Nullable JsonCursor laterOrNull(String name) {
        if (!members.hasMore()) {
            return null;
        }
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        JsonCursor cursor = cursor();
        for (boolean isMore = cursor.enter(); isMore; isMore = cursor.next()) {
            if (cursor.skipNameIs(wanted)) {
                return cursor;
            }
            cursor.skip();
        }
        return null;
    }
}
