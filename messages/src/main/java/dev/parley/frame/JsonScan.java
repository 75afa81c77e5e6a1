package dev.parley.frame;

import dev.parley.frame.JsonFault.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Looks at JSON in UTF-8 once, as bytes, and makes no objects of it: that it is one value without duplicate names (RFC
 * 8259), within limits, and where the values of some members of the outermost object stand.
 *
 * {@snippet :
 * byte[] json = "{\"action\": \"echo\", \"value\": [1, 2.50]}".getBytes(StandardCharsets.UTF_8);
 * JsonScan scan = JsonScan.of(json, JsonScan.DEPTH_MAX, Integer.MAX_VALUE, "action", "value");
 * String action = scan.text(0); // echo
 * byte[] value = scan.bytes(1); // [1, 2.50]
 * }
 *
 * <p>The array must not change. Any thread reads the result.
 */
public final class JsonScan {
    /** How deep arrays and objects may be nested in each other. */
    public static final int DEPTH_MAX = 500;

    /** How many digits a number may have, those of its exponent included. */
    public static final int DIGITS_MAX = 1_000;

    /** How many bytes a name may have. */
    public static final int NAME_BYTES_MAX = 50_000;

    private static final int NONE = -1;

    private final byte[] json;
    private final int depthMax;
    private final int valuesMax;
    private final byte[][] wanted;
    private final int[] starts;
    private final int[] ends;
    private final JsonNames names;

    // Of each open array or object: whether it is an object, the names before it, and its serial number.
    private boolean[] areObjects = new boolean[8];
    private int[] nameBases = new int[8];
    private int[] serials = new int[8];
    private int depth;

    private int at;
    private int values;
    private boolean hasEscapes;

    /** The wanted member of the outermost object that is read now. */
    private int member = NONE;

    private JsonScan(byte[] json, int depthMax, int valuesMax, byte[][] wanted) {
        this.json = json;
        this.depthMax = depthMax;
        this.valuesMax = valuesMax;
        this.wanted = wanted;
        this.starts = new int[wanted.length];
        this.ends = new int[wanted.length];
        Arrays.fill(starts, NONE);
        this.names = new JsonNames(json);
    }

    /**
     * {@return what was seen of one JSON value}
     *
     * @param json all of it
     * @param depthMax how deep arrays and objects may be nested, 1 to {@link #DEPTH_MAX}
     * @param valuesMax how many values it may have, those in arrays and objects and these themselves included
     * @param wanted names of members of the outermost object
     * @throws JsonFault if it is not one value, or beyond a limit
     */
    public static JsonScan of(byte[] json, int depthMax, int valuesMax, String... wanted) throws JsonFault {
        var names = new byte[wanted.length][];
        for (int i = 0; i < wanted.length; i++) {
            names[i] = wanted[i].getBytes(StandardCharsets.UTF_8);
        }
        var scan = new JsonScan(json, depthMax, valuesMax, names);
        scan.readAll();
        return scan;
    }

    /** {@return how many values it has, those in arrays and objects and these themselves included} */
    public int values() {
        return values;
    }

    /**
     * {@return whether the outermost value is an object that has this member}
     *
     * @param index of the name that was wanted, from 0
     */
    public boolean has(int index) {
        return starts[index] != NONE;
    }

    /**
     * {@return the bytes of the member's value, with the peer's own escapes and digits; a copy}
     *
     * @param index of the name, of which {@link #has} is true
     */
    public byte[] bytes(int index) {
        return Arrays.copyOfRange(json, starts[index], ends[index]);
    }

    /**
     * {@return the member's text; null if there is none of this name, or it is no string}
     *
     * @param index of the name that was wanted, from 0
     */
    public @Nullable String text(int index) {
        boolean isText = has(index) && json[starts[index]] == '"';
        return isText ? JsonEscapes.text(json, starts[index] + 1, ends[index] - 1) : null;
    }

    private void readAll() throws JsonFault {
        if (json.length >= 3 && json[0] == (byte) 0xef && json[1] == (byte) 0xbb && json[2] == (byte) 0xbf) {
            throw notJson("it starts with a byte-order mark, which JSON in UTF-8 does not have");
        }
        skipSpace();
        if (at == json.length) {
            throw new JsonFault(Kind.EMPTY, "has no value", json, at);
        }
        do {
            value();
        } while (hasNext());
    }

    /** Reads a value, or the start of one that has others in it. */
    private void value() throws JsonFault {
        while (true) {
            if (++values > valuesMax) {
                throw beyond("has more than " + valuesMax + " values");
            }
            if (depth == 1 && member != NONE) {
                starts[member] = at;
            }
            int first = at == json.length ? 0 : json[at];
            if (first != '{' && first != '[') {
                scalar(first);
                return;
            }
            open(first == '{');
            skipSpace();
            if (at < json.length && json[at] == first + 2) { // a closing bracket is two behind its opening one
                at++;
                close();
                return;
            }
            if (first == '{') {
                name();
            }
        }
    }

    private void scalar(int first) throws JsonFault {
        switch (first) {
            case '"' -> at = stringEnd(at + 1) + 1;
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> {
                if (first != '-' && (first < '0' || first > '9')) {
                    throw JsonSlip.insteadOfValue(json, at, depth > 0 && !areObjects[depth - 1]);
                }
                at = numberEnd(at);
            }
        }
        ended();
    }

    /** A value has ended that stands in what is open now. */
    private void ended() {
        if (depth == 1 && member != NONE) {
            ends[member] = at;
            member = NONE;
        }
    }

    /** Reads what stands behind a value: whether there is another one, of which the name is read. */
    private boolean hasNext() throws JsonFault {
        while (depth > 0) {
            skipSpace();
            int next = at == json.length ? 0 : json[at];
            boolean isObject = areObjects[depth - 1];
            if (next == ',') {
                at++;
                skipSpace();
                if (isObject) {
                    name();
                }
                return true;
            }
            if (next != (isObject ? '}' : ']')) {
                throw JsonSlip.insteadOfComma(json, at, isObject);
            }
            at++;
            close();
        }
        skipSpace();
        if (at < json.length) {
            throw notJson("something follows after the value");
        }
        return false;
    }

    private void open(boolean isObject) throws JsonFault {
        if (depth == depthMax) {
            throw beyond("is nested deeper than " + depthMax + " levels");
        }
        if (depth == areObjects.length) {
            areObjects = Arrays.copyOf(areObjects, depth * 2);
            nameBases = Arrays.copyOf(nameBases, depth * 2);
            serials = Arrays.copyOf(serials, depth * 2);
        }
        areObjects[depth] = isObject;
        nameBases[depth] = names.count();
        serials[depth++] = isObject ? names.newSerial() : 0;
        at++;
    }

    private void close() {
        names.end(nameBases[--depth]);
        ended();
    }

    private void name() throws JsonFault {
        if (at == json.length || json[at] != '"') {
            throw JsonSlip.insteadOfName(json, at);
        }
        int start = at + 1;
        int end = stringEnd(start);
        if (end - start > NAME_BYTES_MAX) {
            throw notJson("a name has more than " + NAME_BYTES_MAX + " bytes");
        }
        String wrong = names.add(nameBases[depth - 1], serials[depth - 1], start, end, hasEscapes);
        if (wrong != null) {
            throw notJson(wrong);
        }
        for (int i = 0; depth == 1 && i < wanted.length; i++) {
            if (names.isLast(wanted[i])) {
                member = i;
            }
        }
        at = end + 1;
        skipSpace();
        if (at == json.length || json[at] != ':') {
            throw JsonSlip.insteadOfColon(json, at);
        }
        at++;
        skipSpace();
    }

    /** The index of the quote that ends the string. */
    private int stringEnd(int start) throws JsonFault {
        hasEscapes = false;
        int i = start;
        while (true) {
            i = Utf8.plainEnd(json, i, json.length);
            int next = i == json.length ? 0 : json[i];
            if (next == '"') {
                return i;
            }
            if (next < 0) {
                i = Utf8.beyondAsciiEnd(json, i, json.length);
                if (i < 0) {
                    throw new JsonFault(Kind.NOT_UTF_8, "is not UTF-8", json, ~i);
                }
            } else if (next == '\\') {
                hasEscapes = true;
                int length = JsonEscapes.lengthAt(json, i, json.length);
                if (length == 0) {
                    throw JsonSlip.inEscape(json, i);
                }
                i += length;
            } else {
                throw JsonSlip.inText(json, i);
            }
        }
    }

    private void word(String word) throws JsonFault {
        int end = at + word.length();
        boolean isIt = end <= json.length;
        for (int i = at; isIt && i < end; i++) {
            isIt = json[i] == word.charAt(i - at);
        }
        if (!isIt) {
            throw JsonSlip.insteadOfValue(json, at, false);
        }
        at = end;
    }

    private int numberEnd(int start) throws JsonFault {
        int i = json[start] == '-' ? start + 1 : start;
        int whole = digitsEnd(i);
        if (whole == i) {
            throw JsonSlip.afterMinus(json, i);
        }
        if (json[i] == '0' && whole > i + 1) {
            throw JsonSlip.notJson(json, i, "a number starts with a zero that it must not have");
        }
        int digits = whole - i;
        i = whole;
        if (i < json.length && json[i] == '.') {
            int end = digitsEnd(i + 1);
            digits += end - i - 1;
            i = needDigits(i + 1, end);
        }
        if (i < json.length && (json[i] | 0x20) == 'e') {
            int first = i + 1 < json.length && (json[i + 1] == '+' || json[i + 1] == '-') ? i + 2 : i + 1;
            int end = digitsEnd(first);
            digits += end - first;
            i = needDigits(first, end);
        }
        if (digits > DIGITS_MAX) {
            throw JsonSlip.notJson(json, start, "a number has more than " + DIGITS_MAX + " digits");
        }
        return i;
    }

    private int needDigits(int start, int end) throws JsonFault {
        if (end == start) {
            throw JsonSlip.notJson(json, start, "a digit is missing in a number");
        }
        return end;
    }

    private int digitsEnd(int start) {
        int i = start;
        while (i < json.length && json[i] >= '0' && json[i] <= '9') {
            i++;
        }
        return i;
    }

    private void skipSpace() {
        while (at < json.length
                && json[at] <= ' '
                && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
            at++;
        }
    }

    private JsonFault notJson(String reason) {
        return JsonSlip.notJson(json, at, reason);
    }

    private JsonFault beyond(String reason) {
        return new JsonFault(Kind.BEYOND_LIMIT, reason, json, at);
    }
}
