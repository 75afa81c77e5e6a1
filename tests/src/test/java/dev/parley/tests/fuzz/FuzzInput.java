package dev.parley.tests.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of an input, taken one after another to choose by; after the last they are zeros. */
final class FuzzInput {
    private final byte[] data;
    private int at;

    FuzzInput(byte[] data) {
        this.data = data;
    }

    boolean isEmpty() {
        return at >= data.length;
    }

    /** Returns the next byte, 0 to 255. */
    int next() {
        return isEmpty() ? 0 : data[at++] & 0xff;
    }

    /**
     * Returns four yes-or-no choices in the low bits; in a seed they are a character from 0 to 9 or of {@code :;<=>?}.
     */
    int flags() {
        return next() & 0xf;
    }

    /** Returns a number from 0; a digit of a seed stands for itself. */
    int below(int bound) {
        int next = next();
        return (next >= '0' && next <= '9' ? next - '0' : next) % bound;
    }

    boolean flip() {
        return below(2) == 1;
    }

    byte[] bytes(int most) {
        byte[] taken = Arrays.copyOfRange(data, at, at + Math.min(most, data.length - at));
        at += taken.length;
        return taken;
    }

    byte[] rest() {
        return bytes(data.length);
    }

    /** Returns text without half surrogate pairs; it has replacement characters for bytes that are not UTF-8. */
    String text(int bytesMost) {
        return new String(bytes(bytesMost), StandardCharsets.UTF_8);
    }
}
