package dev.parley.names;

/**
 * Decides which names an action may have: 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
 * (docs/protocol.md, section 4).
 */
public final class ActionName {
    private static final int WORDS_MAX = 8;
    private static final int WORD_LENGTH_MAX = 64;

    /** The rule in words, for error messages. */
    public static final String RULE = "1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots";

    private ActionName() {}

    /**
     * {@return true if the text is the name of an action}
     *
     * @param text any text
     */
    public static boolean isValid(String text) {
        int words = 1;
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '.' && length > 0 && words < WORDS_MAX) {
                words++;
                length = 0;
            } else if (!isOfWord(each) || ++length > WORD_LENGTH_MAX) {
                return false;
            }
        }
        return length > 0;
    }

    private static boolean isOfWord(char each) {
        return each >= 'a' && each <= 'z'
                || each >= 'A' && each <= 'Z'
                || each >= '0' && each <= '9'
                || each == '_'
                || each == '-';
    }
}
