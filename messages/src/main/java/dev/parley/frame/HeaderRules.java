package dev.parley.frame;

import dev.parley.frame.Header.JsonNumber;
import dev.parley.names.ActionName;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which values the keys of the protocol may have (docs/protocol.md, section 4). Readers and writers share these
 * rules, so a reader has no reason to refuse a value that a writer accepts.
 */
final class HeaderRules {
    private static final int TIMEOUT_DIGITS_MAX = 15;
    private static final int CREDIT_DIGITS_MAX = 10;

    /** The keys whose values decide how the exchange goes on. */
    static final List<String> OF_EXCHANGE = List.of(Header.MORE, Header.REPLY, Header.CONTROL);

    /** The other keys that have a rule, in the order in which a reader checks them. */
    static final List<String> OF_MESSAGE = List.of(
            Header.ACTION,
            Header.STATUS,
            Header.AUTHORIZATION,
            Header.TRACEPARENT,
            Header.IDEMPOTENCY_KEY,
            Header.CLOSE,
            Header.TIMEOUT_MS,
            Header.ACCEPT_CODING,
            Header.CONTENT_CODING);

    private static final Set<String> TEXTS = Set.of(
            Header.ACTION,
            Header.STATUS,
            Header.AUTHORIZATION,
            Header.TRACEPARENT,
            Header.IDEMPOTENCY_KEY,
            Header.CONTROL,
            Header.CONTENT_CODING);

    private HeaderRules() {}

    /**
     * Returns the rule that this value breaks, as a sentence about the key; null if the key may have this value.
     *
     * @param key any key; a key that is not the protocol's may have any value
     * @param value a value in the form in which a header keeps it
     */
    static @Nullable String mistake(String key, Object value) {
        if (TEXTS.contains(key) && !(value instanceof String)) {
            return key + " must be a string";
        }
        String rule =
                switch (key) {
                    case Header.MORE, Header.REPLY, Header.CLOSE -> value instanceof Boolean ? null : "true or false";
                    case Header.ACTION -> ActionName.isValid((String) value) ? null : ActionName.RULE;
                    case Header.TIMEOUT_MS ->
                        isDigits(value, TIMEOUT_DIGITS_MAX)
                                ? null
                                : "a whole number of up to " + TIMEOUT_DIGITS_MAX + " digits";
                    case Header.ACCEPT_CODING -> areTexts(value) ? null : "an array of strings";
                    case Header.CONTENT_CODING -> value.equals(Header.GZIP) ? null : "gzip, or absent";
                    default -> null;
                };
        return rule == null ? null : key + " must be " + rule;
    }

    private static boolean isDigits(@Nullable Object value, int digitsMax) {
        return value instanceof JsonNumber number
                && number.isDigits()
                && number.text().length() <= digitsMax;
    }

    private static boolean areTexts(Object value) {
        return value instanceof List<?> items && items.stream().allMatch(String.class::isInstance);
    }

    /** Returns the rule that the value of {@code credit} breaks in a control that grants bytes; null if none. */
    static @Nullable String mistakeOfCredit(@Nullable Object value) {
        boolean isGood = value instanceof JsonNumber number
                && isDigits(number, CREDIT_DIGITS_MAX)
                && Long.parseLong(number.text()) <= Header.CREDIT_MAX;
        return isGood ? null : "credit must be a whole number from 0 to " + Header.CREDIT_MAX;
    }
}
