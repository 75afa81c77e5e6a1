package dev.parley;

import dev.parley.json.JsonScan;
import dev.parley.json.JsonText;
import java.math.BigDecimal;
import java.math.BigInteger;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.util.JsonGeneratorDelegate;

/**
 * A JSON generator that throws rather than write a value that a reader must refuse. JSON has neither NaN nor infinite
 * numbers (RFC 8259, section 6). If a name has half of a surrogate pair, readers treat it differently. Our reader also
 * limits the length of numbers and names. The generator that it wraps refuses the same name twice in one object.
 */
final class StrictGenerator extends JsonGeneratorDelegate {
    /**
     * A number with at most this many significant digits is never too long, even with an exponent and leading zeros.
     */
    private static final int DIGITS_AT_ONCE = JsonScan.DIGITS_MAX - 20;

    private static final int BITS_OF_A_DIGIT_MIN = 3;

    /** The longest form of one character in a string, such as {@code \\u001f}. */
    private static final int ESCAPED_BYTES_MAX = 6;

    StrictGenerator(JsonGenerator generator) {
        super(generator, false); // false, so that nested values are written through this generator too
    }

    @Override
    public JsonGenerator writeNumber(double value) {
        check(value);
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(float value) {
        check(value);
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(BigInteger value) {
        if (value != null && value.bitLength() > BITS_OF_A_DIGIT_MIN * DIGITS_AT_ONCE) {
            checkDigits(value.toString());
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeNumber(BigDecimal value) {
        if (value != null && value.precision() > DIGITS_AT_ONCE) {
            checkDigits(value.toString());
        }
        return super.writeNumber(value);
    }

    @Override
    public JsonGenerator writeArray(double[] values, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            check(values[i]);
        }
        return super.writeArray(values, offset, length);
    }

    @Override
    public JsonGenerator writeName(String name) {
        if (JsonText.hasHalfPair(name)) {
            throw new StreamWriteException(this, "the name of a member has half a surrogate pair");
        }
        if (name.length() > JsonScan.NAME_BYTES_MAX / ESCAPED_BYTES_MAX
                && JsonText.utf8(JsonText.string(name)).length - 2 > JsonScan.NAME_BYTES_MAX) {
            throw new StreamWriteException(
                    this, "the name of a member has more than " + JsonScan.NAME_BYTES_MAX + " bytes, with its escapes");
        }
        return super.writeName(name);
    }

    private void checkDigits(String number) {
        if (number.chars().filter(Character::isDigit).count() > JsonScan.DIGITS_MAX) {
            throw new StreamWriteException(this, "a number has more than " + JsonScan.DIGITS_MAX + " digits");
        }
    }

    private void check(double value) {
        if (!Double.isFinite(value)) {
            throw new StreamWriteException(this, value + " is not a number that JSON has");
        }
    }
}
