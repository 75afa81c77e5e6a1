package dev.parley.json;

import dev.parley.json.JsonFault.Kind;

/**
 * Finds the end of a string in JSON, and checks the string on the way: its UTF-8 (RFC 3629) and its escapes must be
 * valid, and it must not have control characters. Plain ASCII is skipped many bytes at a time. At the first character
 * outside ASCII, or the first escape, a finite automaton takes over. It takes one byte at a time, without a branch that
 * depends on the byte, since the processor could not predict such a branch. It runs until a block of plain ASCII
 * follows. Used by one thread.
 *
 * <p>The table of the automaton has one row, a long, for each value of a byte. A row has six bits for each state; these
 * bits are the next state. The number of a state is the distance by which the row is shifted to get these bits.
 */
final class JsonStringScanner {
    private static final int BITS = 6;

    // The states. PLAIN: no character or escape is incomplete. ONE_MORE to THREE_MORE: this number of bytes of a
    // character must follow. AFTER_E0 to AFTER_F4: the first byte of a character was this byte, after which only some
    // second bytes are allowed. ESCAPED: the last byte was a backslash. OVER: the byte cannot be taken.
    private static final int PLAIN = 0;
    private static final int ONE_MORE = BITS;
    private static final int TWO_MORE = 2 * BITS;
    private static final int THREE_MORE = 3 * BITS;
    private static final int AFTER_E0 = 4 * BITS;
    private static final int AFTER_ED = 5 * BITS;
    private static final int AFTER_F0 = 6 * BITS;
    private static final int AFTER_F4 = 7 * BITS;
    private static final int ESCAPED = 8 * BITS;
    private static final int OVER = 9 * BITS;

    private static final int STATE = (1 << BITS) - 1;
    private static final int BLOCK = 16;
    private static final int UNIT_LENGTH = 6;
    private static final long[] ROWS = rows();

    private final byte[] json;
    private boolean hasEscapes;
    private boolean isAscii;

    JsonStringScanner(byte[] json) {
        this.json = json;
    }

    private static long[] rows() {
        var rows = new long[256];
        for (int letter = 0; letter < rows.length; letter++) {
            for (int state = PLAIN; state <= OVER; state += BITS) {
                rows[letter] |= (long) next(state, letter) << state;
            }
        }
        return rows;
    }

    private static int next(int state, int letter) {
        return switch (state) {
            case PLAIN -> first(letter);
            case ONE_MORE -> within(letter, 0x80, 0xbf, PLAIN);
            case TWO_MORE -> within(letter, 0x80, 0xbf, ONE_MORE);
            case THREE_MORE -> within(letter, 0x80, 0xbf, TWO_MORE);
            case AFTER_E0 -> within(letter, 0xa0, 0xbf, ONE_MORE);
            case AFTER_ED -> within(letter, 0x80, 0x9f, ONE_MORE);
            case AFTER_F0 -> within(letter, 0x90, 0xbf, TWO_MORE);
            case AFTER_F4 -> within(letter, 0x80, 0x8f, TWO_MORE);
            case ESCAPED -> "\"\\/bfnrt".indexOf(letter) >= 0 ? PLAIN : OVER;
            default -> OVER;
        };
    }

    private static int within(int letter, int lowest, int highest, int then) {
        return letter >= lowest && letter <= highest ? then : OVER;
    }

    private static int first(int letter) {
        if (letter == '\\') {
            return ESCAPED;
        } else if (letter < 0x80) {
            return letter < 0x20 || letter == '"' ? OVER : PLAIN;
        } else if (letter < 0xc2 || letter > 0xf4) {
            return OVER;
        } else if (letter < 0xe0) {
            return ONE_MORE;
        }
        return switch (letter) {
            case 0xe0 -> AFTER_E0;
            case 0xed -> AFTER_ED;
            case 0xf0 -> AFTER_F0;
            case 0xf4 -> AFTER_F4;
            default -> letter < 0xf0 ? TWO_MORE : THREE_MORE;
        };
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
     * Runs the automaton, and returns the index at which it stops. No character or escape is incomplete there, and the
     * next byte is plain ASCII, or a byte that the automaton cannot take.
     */
    private int run(int from) throws JsonFault {
        byte[] bytes = json;
        int at = from;
        long state = PLAIN;
        while (at <= bytes.length - BLOCK) {
            long before = state;
            for (int i = at; i < at + BLOCK; i += 4) {
                state = ROWS[bytes[i] & 0xff] >>> state;
                state = ROWS[bytes[i + 1] & 0xff] >>> state;
                state = ROWS[bytes[i + 2] & 0xff] >>> state;
                state = ROWS[bytes[i + 3] & 0xff] >>> state;
            }
            if ((state & STATE) == OVER) {
                return runByByte(at, before);
            }
            long first = Utf8.longAt(bytes, at);
            long second = Utf8.longAt(bytes, at + Long.BYTES);
            isAscii &= Utf8.areAscii(first | second);
            boolean escapes = Utf8.hasBackslash(first) || Utf8.hasBackslash(second);
            hasEscapes |= escapes;
            at += BLOCK;
            if (!escapes && (state & STATE) == PLAIN && Utf8.areAscii(first | second)) {
                return at;
            }
        }
        return runByByte(at, state);
    }

    /**
     * Runs the automaton byte by byte, for at least one block. Also handles escapes with four hexadecimal digits, for
     * which the automaton has no states.
     */
    private int runByByte(int from, long before) throws JsonFault {
        int at = from;
        int state = (int) before & STATE;
        while (at < json.length && (state != PLAIN || at < from + BLOCK)) {
            byte letter = json[at];
            int next = (int) (ROWS[letter & 0xff] >>> state) & STATE;
            if (next == OVER) {
                if (state == PLAIN && letter >= 0) {
                    return at;
                }
                at = behindUnit(at, state);
                state = PLAIN;
                continue;
            }
            isAscii &= letter >= 0;
            hasEscapes |= next == ESCAPED;
            state = next;
            at++;
        }
        return state == PLAIN ? at : behindUnit(at, state);
    }

    private int behindUnit(int at, int state) throws JsonFault {
        if (state != ESCAPED) {
            throw new JsonFault(Kind.NOT_UTF_8, "is not UTF-8", json, startOfCharacter(at, state));
        }
        int start = at - 1;
        if (JsonEscapes.lengthAt(json, start, json.length) != UNIT_LENGTH) {
            throw JsonMistake.inEscape(json, start);
        }
        return start + UNIT_LENGTH;
    }

    private int startOfCharacter(int at, int state) {
        int start = state == PLAIN ? at : at - 1;
        while (state != PLAIN && (json[start] & 0xc0) == 0x80) {
            start--;
        }
        return start;
    }
}
