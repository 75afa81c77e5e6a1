package dev.parley.json;

import dev.parley.json.JsonFault.Kind;

/**
 * Finds the end of a string in JSON, and checks the string on the way: its UTF-8 (RFC 3629) and its escapes must be
 * valid, and it must not have control characters. Plain ASCII is skipped many bytes at a time. At the first character
 * outside ASCII, or the first escape, a finite automaton takes over; see {@link JsonStringStates}. It takes one byte at
 * a time, without a branch that depends on the byte, since the processor could not predict such a branch. It runs until
 * a block of plain ASCII follows. Used by one thread.
 */
final class JsonStringScanner {
    private static final int[] NARROW = JsonStringStates.narrowRows();
    private static final long[] WIDE = JsonStringStates.wideRows();

    private static final int BLOCK = 16;
    private static final int LONG_BLOCK = 64;

    /** The number of bytes after a long block that could not be taken for which only short blocks are tried. */
    private static final int SHORT_AFTER_LONG = 256;

    private final byte[] json;
    private boolean hasEscapes;
    private boolean isAscii;

    // The results of runLong: the state behind the last block, and whether that block ends with plain ASCII.
    private int longState;
    private boolean longIsPlain;

    JsonStringScanner(byte[] json) {
        this.json = json;
    }

    /** Returns true if the string that was read last has escapes. */
    boolean hasEscapes() {
        return hasEscapes;
    }

    /** Returns true if all bytes of the string that was read last are ASCII. */
    boolean isAscii() {
        return isAscii;
    }

    /**
     * Returns the index of the quote that ends a string.
     *
     * @param start the index after the quote that begins the string
     * @throws JsonFault if the string has no end, or contains something that is not allowed
     */
    int end(int start) throws JsonFault {
        hasEscapes = false;
        isAscii = true;
        int at = start;
        while (true) {
            at = Utf8.plainEnd(json, at, json.length);
            int next = at == json.length ? 0 : json[at];
            if (next == '"') {
                return at;
            }
            if (next != '\\' && next >= 0) {
                throw JsonMistake.inText(json, at);
            }
            at = run(at);
        }
    }

    /**
     * Runs the narrow automaton, and returns the index at which it stops. No character or escape is incomplete there,
     * and the next byte is plain ASCII, or a byte that the automaton cannot take.
     */
    private int run(int from) throws JsonFault {
        byte[] bytes = json;
        int at = from;
        int longFrom = from + 2 * BLOCK;
        int state = JsonStringStates.PLAIN;
        while (at <= bytes.length - BLOCK) {
            if (at >= longFrom) {
                at = runLong(at, state);
                state = longState;
                longFrom = at + SHORT_AFTER_LONG;
                if (longIsPlain) {
                    return at;
                }
                continue;
            }
            int before = state;
            for (int i = at; i < at + BLOCK; i += 4) {
                state = NARROW[bytes[i] & 0xff] >>> state;
                state = NARROW[bytes[i + 1] & 0xff] >>> state;
                state = NARROW[bytes[i + 2] & 0xff] >>> state;
                state = NARROW[bytes[i + 3] & 0xff] >>> state;
            }
            boolean escapes = hasBackslash(at);
            if (JsonStringStates.isOver(state)) {
                return escapes ? runWide(at, before) : runByByte(at, JsonStringStates.widened(before));
            }
            boolean ascii = isAsciiBlock(at);
            isAscii &= ascii;
            hasEscapes |= escapes;
            at += BLOCK;
            if (ascii && !escapes && JsonStringStates.isPlain(state)) {
                return at;
            }
        }
        return runByByte(at, JsonStringStates.widened(state));
    }

    /**
     * Runs the narrow automaton over long blocks. Each block is examined once. The run ends at the first block that the
     * automaton cannot take, or whose second half is plain ASCII. Returns the index behind the last block that it has
     * taken.
     */
    private int runLong(int from, int stateBefore) {
        byte[] bytes = json;
        int at = from;
        int state = stateBefore;
        boolean isPlain = false;
        boolean ascii = isAscii;
        boolean escapes = hasEscapes;
        while (!isPlain && at <= bytes.length - LONG_BLOCK) {
            int next = state;
            for (int i = at; i < at + LONG_BLOCK; i += 4) {
                next = NARROW[bytes[i] & 0xff] >>> next;
                next = NARROW[bytes[i + 1] & 0xff] >>> next;
                next = NARROW[bytes[i + 2] & 0xff] >>> next;
                next = NARROW[bytes[i + 3] & 0xff] >>> next;
            }
            if (JsonStringStates.isOver(next)) {
                break;
            }
            int middle = at + LONG_BLOCK / 2;
            boolean endIsAscii = areAscii(bytes, middle);
            boolean endHasEscapes = hasBackslash(bytes, middle);
            ascii &= endIsAscii && areAscii(bytes, at);
            escapes |= endHasEscapes || hasBackslash(bytes, at);
            state = next;
            at += LONG_BLOCK;
            isPlain = endIsAscii && !endHasEscapes && JsonStringStates.isPlain(state);
        }
        isAscii = ascii;
        hasEscapes = escapes;
        longState = state;
        longIsPlain = isPlain;
        return at;
    }

    private static boolean areAscii(byte[] bytes, int at) {
        return Utf8.areAscii(Utf8.longAt(bytes, at)
                | Utf8.longAt(bytes, at + 8)
                | Utf8.longAt(bytes, at + 16)
                | Utf8.longAt(bytes, at + 24));
    }

    private static boolean hasBackslash(byte[] bytes, int at) {
        long found = Utf8.backslashes(Utf8.longAt(bytes, at))
                | Utf8.backslashes(Utf8.longAt(bytes, at + 8))
                | Utf8.backslashes(Utf8.longAt(bytes, at + 16))
                | Utf8.backslashes(Utf8.longAt(bytes, at + 24));
        return found != 0;
    }

    private boolean isAsciiBlock(int at) {
        return Utf8.areAscii(Utf8.longAt(json, at) | Utf8.longAt(json, at + Long.BYTES));
    }

    private boolean hasBackslash(int at) {
        long found = Utf8.backslashes(Utf8.longAt(json, at)) | Utf8.backslashes(Utf8.longAt(json, at + Long.BYTES));
        return found != 0;
    }

    /**
     * Runs the wide automaton, which also knows escapes with four hexadecimal digits, until a block without a backslash
     * follows. Returns the index at which it stops, as {@link #run} does.
     */
    private int runWide(int from, int narrowBefore) throws JsonFault {
        byte[] bytes = json;
        int at = from;
        long state = JsonStringStates.widened(narrowBefore);
        while (at <= bytes.length - BLOCK) {
            long next = state;
            for (int i = at; i < at + BLOCK; i += 4) {
                next = WIDE[bytes[i] & 0xff] >>> next;
                next = WIDE[bytes[i + 1] & 0xff] >>> next;
                next = WIDE[bytes[i + 2] & 0xff] >>> next;
                next = WIDE[bytes[i + 3] & 0xff] >>> next;
            }
            if (JsonStringStates.isWideOver(next)) {
                break;
            }
            boolean escapes = hasBackslash(at);
            isAscii &= isAsciiBlock(at);
            hasEscapes |= escapes;
            at += BLOCK;
            state = next;
            if (!escapes && JsonStringStates.isWidePlain(state)) {
                return at;
            }
        }
        return runByByte(at, state);
    }

    /**
     * Runs the wide automaton byte by byte, for at least one block, and then until no character or escape is
     * incomplete.
     */
    private int runByByte(int from, long before) throws JsonFault {
        int at = from;
        int state = JsonStringStates.wide(before);
        while (at < json.length && (!JsonStringStates.isWidePlain(state) || at < from + BLOCK)) {
            byte letter = json[at];
            int next = JsonStringStates.wide(WIDE[letter & 0xff] >>> state);
            if (JsonStringStates.isWideOver(next)) {
                if (JsonStringStates.isWidePlain(state) && letter >= 0) {
                    return at;
                }
                throw mistake(at, state);
            }
            isAscii &= letter >= 0;
            hasEscapes |= letter == '\\';
            state = next;
            at++;
        }
        if (!JsonStringStates.isWidePlain(state)) {
            throw mistake(at, state);
        }
        return at;
    }

    private JsonFault mistake(int at, int state) {
        int escaped = JsonStringStates.bytesOfEscape(state);
        if (escaped > 0) {
            return JsonMistake.inEscape(json, at - escaped);
        }
        return new JsonFault(Kind.NOT_UTF_8, "is not UTF-8", json, startOfCharacter(at, state));
    }

    private int startOfCharacter(int at, int state) {
        boolean isPlain = JsonStringStates.isWidePlain(state);
        int start = isPlain ? at : at - 1;
        while (!isPlain && (json[start] & 0xc0) == 0x80) {
            start--;
        }
        return start;
    }
}
