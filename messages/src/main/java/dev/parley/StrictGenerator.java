package dev.parley;

import dev.parley.frame.JsonText;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.core.util.JsonGeneratorDelegate;

/**
 * A generator that writes nothing that a reader must refuse: JSON has neither NaN nor infinite numbers (RFC 8259,
 * section 6), and readers differ in what half a surrogate pair in a name is.
 */
final class StrictGenerator extends JsonGeneratorDelegate {
    StrictGenerator(JsonGenerator generator) {
        super(generator, false); // so that values inside values are written through this, too
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
        return super.writeName(name);
    }

    private void check(double value) {
        if (!Double.isFinite(value)) {
            throw new StreamWriteException(this, value + " is not a number that JSON has");
        }
    }
}
