package dev.parley.json;

import dev.parley.json.JsonFault.Kind;
import java.util.Arrays;

/**
 * Reads JSON in UTF-8 once, as bytes, and checks that it is one value without duplicate names (RFC 8259) and within
 * limits. It records the members of the outermost object in {@link JsonMembers}. One thread uses it, for one reading.
 */
final class JsonScanner {
    private final byte[] json;
    private final int depthMax;
    private final int valuesMax;
    private final JsonMembers members;
    private final JsonNames names;
    private final JsonStringScanner strings;

    // For each open array or object: whether it is an object, the number of names that were kept when it opened, and
    // its serial number.
    private boolean[] areObjects = new boolean[8];
    private int[] nameBases = new int[8];
    private int[] serials = new int[8];
    private int depth;
    private int deepest;

    private int at;
    private int values;

    JsonScanner(byte[] json, int depthMax, int valuesMax, JsonMembers members) {
        this.json = json;
        this.depthMax = depthMax;
        this.valuesMax = valuesMax;
        this.members = members;
        this.names = new JsonNames(json);
        this.strings = new JsonStringScanner(json);
    }

    /**
     * Reads all bytes.
     *
     * @return the number of values
     * @throws JsonFault if the bytes are not one JSON value, or exceed a limit
     */
    int readAll() throws JsonFault {
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
        return values;
    }

    /** Returns the maximum depth of the arrays and objects that were read. */
    int depth() {
        return deepest;
    }

    /**
     * Reads a value. If the value is an array or object that is not empty, reads only up to the end of its first scalar
     * value.
     */
    private void value() throws JsonFault {
        while (true) {
            if (++values > valuesMax) {
                throw beyond("has more than " + valuesMax + " values");
            }
            if (depth == 1) {
                members.valueStarts(at);
            }
            int first = at == json.length ? 0 : json[at];
            if (first != '{' && first != '[') {
                scalar(first);
                return;
            }
            open(first == '{');
            skipSpace();
            if (at < json.length && json[at] == first + 2) { // the code of a closing bracket is two higher
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
            case '"' -> {
                at = strings.end(at + 1) + 1;
                if (depth == 1) {
                    members.isText(strings.hasEscapes(), strings.isAscii());
                }
            }
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> {
                if (first != '-' && (first < '0' || first > '9')) {
                    throw JsonMistake.insteadOfValue(json, at, depth > 0 && !areObjects[depth - 1]);
                }
                at = numberEnd(at);
            }
        }
        ended();
    }

    /** Called at the end of each value. Records the end if the value belongs to the outermost object. */
    private void ended() {
        if (depth == 1) {
            members.valueEnds(at);
        }
    }

    /**
     * Reads the bytes between a value and the next value, including the name of the next value if it has one. Returns
     * false if there is no further value.
     */
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
                throw JsonMistake.insteadOfComma(json, at, isObject);
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
        deepest = Math.max(deepest, depth);
        at++;
    }

    private void close() {
        names.end(nameBases[--depth]);
        ended();
    }

    private void name() throws JsonFault {
        if (at == json.length || json[at] != '"') {
            throw JsonMistake.insteadOfName(json, at);
        }
        int start = at + 1;
        int base = nameBases[depth - 1];
        int end = names.again(base, start);
        byte[] meaning = null;
        if (end < 0) {
            end = newName(base, start);
            meaning = strings.hasEscapes() ? names.lastUnescaped() : null;
        }
        if (depth == 1) {
            members.named(start, end, meaning);
        }
        at = end + 1;
        skipSpace();
        if (at == json.length || json[at] != ':') {
            throw JsonMistake.insteadOfColon(json, at);
        }
        at++;
        skipSpace();
    }

    private int newName(int base, int start) throws JsonFault {
        int end = strings.end(start);
        if (end - start > JsonScan.NAME_BYTES_MAX) {
            throw notJson("a name has more than " + JsonScan.NAME_BYTES_MAX + " bytes");
        }
        String wrong = names.add(base, serials[depth - 1], start, end, strings.hasEscapes());
        if (wrong != null) {
            throw notJson(wrong);
        }
        return end;
    }

    private void word(String word) throws JsonFault {
        int end = at + word.length();
        boolean isIt = end <= json.length;
        for (int i = at; isIt && i < end; i++) {
            isIt = json[i] == word.charAt(i - at);
        }
        if (!isIt) {
            throw JsonMistake.insteadOfValue(json, at, false);
        }
        at = end;
    }

    private int numberEnd(int start) throws JsonFault {
        int i = json[start] == '-' ? start + 1 : start;
        int whole = digitsEnd(i);
        if (whole == i) {
            throw JsonMistake.afterMinus(json, i);
        }
        if (json[i] == '0' && whole > i + 1) {
            throw JsonMistake.notJson(json, i, "a number must not start with a zero");
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
        if (digits > JsonScan.DIGITS_MAX) {
            throw JsonMistake.notJson(json, start, "a number has more than " + JsonScan.DIGITS_MAX + " digits");
        }
        return i;
    }

    private int needDigits(int start, int end) throws JsonFault {
        if (end == start) {
            throw JsonMistake.notJson(json, start, "a digit is missing in a number");
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
        return JsonMistake.notJson(json, at, reason);
    }

    private JsonFault beyond(String reason) {
        return new JsonFault(Kind.BEYOND_LIMIT, reason, json, at);
    }
}
