package dev.parley.json;

/**
 * The two finite automata that read the texts of strings in JSON. Both accept UTF-8 (RFC 3629) without control
 * characters and quotes. The wide one accepts all escapes; the narrow one, which is faster, accepts all except those
 * with four hexadecimal digits.
 *
 * <p>Each automaton is a table that has one row for each value of a byte. The number of a state is the distance by
 * which a row is shifted so that its lowest bits are the next state: five bits of an int in the narrow automaton, six
 * bits of a long in the wide one. So a step is one shift, which ignores the higher bits of the distance, and the
 * processor waits for nothing else between two steps. The states do not fit side by side into a row. But with these
 * numbers, which a search has found, the bits that several states share are equal in each row.
 */
final class JsonStringStates {
    /** The narrow automaton's state if no character or escape is incomplete. */
    static final int PLAIN = 6;

    private static final int NARROW_BITS = 0x1f;
    private static final int WIDE_BITS = 0x3f;

    /**
     * The states, with their numbers in both automata. PLAIN: no character or escape is incomplete. ONE_MORE to
     * THREE_MORE: this number of bytes of a character must follow. AFTER_E0 to AFTER_F4: the first byte of a character
     * was this byte, after which only some second bytes are allowed. ESCAPED: the last byte was a backslash.
     * FOUR_DIGITS to ONE_DIGIT: this number of hexadecimal digits must follow. OVER: the last byte cannot be taken.
     */
    private enum State {
        PLAIN(JsonStringStates.PLAIN, 56),
        ONE_MORE(16, 8),
        TWO_MORE(1, 4),
        THREE_MORE(18, 5),
        AFTER_E0(19, 28),
        AFTER_ED(25, 50),
        AFTER_F0(24, 32),
        AFTER_F4(30, 47),
        ESCAPED(11, 41),
        FOUR_DIGITS(-1, 23),
        THREE_DIGITS(-1, 20),
        TWO_DIGITS(-1, 35),
        ONE_DIGIT(-1, 16),
        OVER(0, 0);

        /** The number of the state in the narrow automaton; -1 if it does not have this state. */
        private final int narrow;

        private final int wide;

        State(int narrow, int wide) {
            this.narrow = narrow;
            this.wide = wide;
        }

        private int escapeBytes() {
            return switch (this) {
                case ESCAPED -> 1;
                case FOUR_DIGITS -> 2;
                case THREE_DIGITS -> 3;
                case TWO_DIGITS -> 4;
                case ONE_DIGIT -> 5;
                default -> 0;
            };
        }

        private State next(int letter) {
            return switch (this) {
                case PLAIN -> first(letter);
                case ONE_MORE -> within(letter, 0x80, 0xbf, PLAIN);
                case TWO_MORE -> within(letter, 0x80, 0xbf, ONE_MORE);
                case THREE_MORE -> within(letter, 0x80, 0xbf, TWO_MORE);
                case AFTER_E0 -> within(letter, 0xa0, 0xbf, ONE_MORE);
                case AFTER_ED -> within(letter, 0x80, 0x9f, ONE_MORE);
                case AFTER_F0 -> within(letter, 0x90, 0xbf, TWO_MORE);
                case AFTER_F4 -> within(letter, 0x80, 0x8f, TWO_MORE);
                case ESCAPED -> escaped(letter);
                case FOUR_DIGITS -> digit(letter, THREE_DIGITS);
                case THREE_DIGITS -> digit(letter, TWO_DIGITS);
                case TWO_DIGITS -> digit(letter, ONE_DIGIT);
                case ONE_DIGIT -> digit(letter, PLAIN);
                case OVER -> OVER;
            };
        }

        private static State within(int letter, int lowest, int highest, State then) {
            return letter >= lowest && letter <= highest ? then : OVER;
        }

        private static State escaped(int letter) {
            if (letter == 'u') {
                return FOUR_DIGITS;
            }
            return "\"\\/bfnrt".indexOf(letter) >= 0 ? PLAIN : OVER;
        }

        private static State digit(int letter, State then) {
            return letter < 0x80 && Character.digit(letter, 16) >= 0 ? then : OVER;
        }

        private static State first(int letter) {
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
    }

    /** The numbers in the wide automaton, by those in the narrow one. */
    private static final byte[] WIDENED = widened();

    private JsonStringStates() {}

    private static byte[] widened() {
        var widened = new byte[NARROW_BITS + 1];
        for (State state : State.values()) {
            if (state.narrow >= 0) {
                widened[state.narrow] = (byte) state.wide;
            }
        }
        return widened;
    }

    /** Returns the rows of the narrow automaton. */
    static int[] narrowRows() {
        var rows = new int[256];
        for (int letter = 0; letter < rows.length; letter++) {
            for (State state : State.values()) {
                int next = state.next(letter).narrow;
                if (state.narrow >= 0 && next >= 0) {
                    rows[letter] |= next << state.narrow;
                }
            }
        }
        return rows;
    }

    /** Returns the rows of the wide automaton. */
    static long[] wideRows() {
        var rows = new long[256];
        for (int letter = 0; letter < rows.length; letter++) {
            for (State state : State.values()) {
                rows[letter] |= (long) state.next(letter).wide << state.wide;
            }
        }
        return rows;
    }

    /** Returns the wide automaton's number of a state of the narrow one. */
    static int widened(int narrow) {
        return WIDENED[narrow & NARROW_BITS];
    }

    /** Returns the number of a state of the wide automaton without the bits above it. */
    static int wide(long shifted) {
        return (int) shifted & WIDE_BITS;
    }

    static boolean isOver(int narrow) {
        return (narrow & NARROW_BITS) == State.OVER.narrow;
    }

    static boolean isPlain(int narrow) {
        return (narrow & NARROW_BITS) == PLAIN;
    }

    static boolean isWideOver(long wide) {
        return (wide & WIDE_BITS) == State.OVER.wide;
    }

    static boolean isWidePlain(long wide) {
        return (wide & WIDE_BITS) == State.PLAIN.wide;
    }

    /**
     * Returns how many bytes of an incomplete escape have been read in this state of the wide automaton; 0 if there is
     * none.
     */
    static int bytesOfEscape(int wide) {
        for (State state : State.values()) {
            if (state.wide == wide) {
                return state.escapeBytes();
            }
        }
        return 0;
    }
}
