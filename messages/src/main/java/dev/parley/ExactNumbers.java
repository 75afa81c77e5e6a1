package dev.parley;

import java.math.BigDecimal;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.util.JsonParserDelegate;

/**
 * A parser that never replaces a number by a different one. A fraction or exponent becomes a {@link BigDecimal} with
 * the digits and the exponent that were written, which is never expanded; {@code -0.0}, which a BigDecimal cannot
 * represent, becomes a double. A number that a {@code double} or {@code float} cannot hold is refused, as it is for an
 * {@code int}.
 */
final class ExactNumbers extends JsonParserDelegate {
    ExactNumbers(JsonParser parser) {
        super(parser);
    }

    private boolean isFraction() {
        return delegate.currentToken() == JsonToken.VALUE_NUMBER_FLOAT;
    }

    /** Decides by the digits, since reading the value as one type loses digits for another type. */
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

    /** Returns the value, unless its exponent is beyond an int, which JSON allows but a BigDecimal cannot represent. */
    @Override
    public BigDecimal getDecimalValue() {
        try {
            return delegate.getDecimalValue();
        } catch (NumberFormatException beyond) {
            throw outOfRange(BigDecimal.class);
        }
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
