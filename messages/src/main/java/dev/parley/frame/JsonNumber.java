package dev.parley.frame;

import java.util.regex.Pattern;

/**
 * A number of a header as it was written (RFC 8259, section 6). It is never expanded, so {@code 1e999999999} costs
 * eleven characters.
 *
 * @param text the number as JSON writes it, at most 32 characters if it was read; not checked here
 */
public record JsonNumber(String text) {
    private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]*");

    /** {@return whether it has digits only: no sign, fraction, exponent or leading zero} */
    public boolean isDigits() {
        return DIGITS.matcher(text).matches();
    }
}
