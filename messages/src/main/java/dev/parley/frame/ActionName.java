package dev.parley.frame;

import java.util.regex.Pattern;

/**
 * The name of what can be asked: 1 to 8 tokens of up to 64 letters, digits, '_' and '-', joined by dots
 * (docs/protocol.md, section 4).
 */
public final class ActionName {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){0,7}");

    /** What is allowed, for messages. */
    public static final String RULE = "1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots";

    private ActionName() {}

    /**
     * {@return whether the text is one}
     *
     * @param text any
     */
    public static boolean isValid(String text) {
        return FORM.matcher(text).matches();
    }
}
