package dev.parley.cli;

import java.util.function.BiFunction;

/** Decides which values the option {@code --header} sends: its text is a string, a whole number, or a boolean. */
final class HeaderText {
    /** The description of the option in the help. */
    static final String DESCRIPTION = "Add a key to the request's header, such as authorization. A whole number"
            + " without a sign, true or false is sent as such, and other text as a string. If the key must be a string,"
            + " as idempotency-key must, every text is a string.";

    private HeaderText() {}

    /**
     * Adds a key to a header. The text {@code true} or {@code false} is a boolean, and a whole number of up to 15
     * digits without a sign is a number. If the key must be a string, such as {@code idempotency-key}, every text is a
     * string.
     *
     * @param adding adds a key with a value, and throws an exception if the value is not allowed for the key
     * @throws IllegalArgumentException if the key or the value is not allowed; the message says why
     */
    static <T> T add(String key, String text, BiFunction<String, Object, T> adding) {
        try {
            return adding.apply(key, typed(text));
        } catch (IllegalArgumentException mustBeString) {
            return adding.apply(key, text);
        }
    }

    private static Object typed(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> text.matches("0|[1-9]\\d{0,14}") ? (Object) Long.valueOf(text) : text;
        };
    }
}
