package dev.parley;

import java.math.BigDecimal;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * A parser that never replaces a number by a different one. A fraction or exponent becomes a {@link BigDecimal} with
 * the digits and the exponent that were written; the exponent is never expanded to zeros. A BigDecimal cannot represent
 * {@code -0.0}, so that becomes a double. If a number is out of the range of a {@code double} or {@code float}, the
 * parser refuses the number, as it does for an {@code int}.
 */
final class ExactNumbers extends JsonParserDelegate {
    ExactNumbers(JsonParser parser) {
        super(parser);
    }

    private boolean isFraction() {
        return delegate.currentToken() == JsonToken.VALUE_NUMBER_FLOAT;
    }

    /**
     * Returns true if all digits before the exponent are zero. The digits decide, since if the value were read as one
     * type, digits would be lost for another type.
     */
    private boolean isZero() {
        String text = delegate.getString();
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == 'e' || each == 'E') {
                return true;
            }
            if (each >= '1' && each <= '9') {
                return false;
            }
        }
        return true;
    }

    private boolean isNegativeZero() {
        return delegate.getString().startsWith("-") && isZero();
    }

    @Override
    public NumberTypeFP getNumberTypeFP() {
        if (!isFraction()) {
            return delegate.getNumberTypeFP();
        }
        return isNegativeZero() ? NumberTypeFP.DOUBLE64 : NumberTypeFP.BIG_DECIMAL;
    }

    @Override
    public Number getNumberValue() {
        return isFraction() ? exact() : delegate.getNumberValue();
    }

    @Override
    public Number getNumberValueExact() {
        return isFraction() ? exact() : delegate.getNumberValueExact();
    }

    @Override
    public Object getNumberValueDeferred() {
        return isFraction() ? exact() : delegate.getNumberValueDeferred();
    }

    private Number exact() {
        return isNegativeZero() ? (Number) (-0.0) : getDecimalValue();
    }

    /**
     * Returns the value. Throws if its exponent does not fit into an int: JSON allows such an exponent, but a
     * BigDecimal cannot represent it.
     */
    @Override
    public BigDecimal getDecimalValue() {
        try {
            return delegate.getDecimalValue();
        } catch (NumberFormatException beyond) {
            throw outOfRange(BigDecimal.class);
        }
    }

    /** Returns the value. Throws if it is above 127, which Jackson would accept for bytes without a sign. */
    @Override
    public byte getByteValue() {
        int value = getIntValue();
        if (value != (byte) value) {
            throw outOfRange(byte.class);
        }
        return (byte) value;
    }

    @Override
    public double getDoubleValue() {
        double value = delegate.getDoubleValue();
        if (Double.isInfinite(value) || value == 0 && isFraction() && !isZero()) {
            throw outOfRange(double.class);
        }
        return value;
    }

    @Override
    public float getFloatValue() {
        float value = delegate.getFloatValue();
        if (Float.isInfinite(value) || value == 0 && isFraction() && !isZero()) {
            throw outOfRange(float.class);
        }
        return value;
    }

    private InputCoercionException outOfRange(Class<?> type) {
        return new InputCoercionException(
                this, "the number is out of the range of " + type.getName(), currentToken(), type);
    }
}
