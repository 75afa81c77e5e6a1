package dev.parley.tests.attack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A message of which so much comes at once, maybe nothing, and then one byte in each beat. */
final class Dripping implements Attack {
    private final byte[] frame;
    private int at;
    private byte @Nullable [] atOnce;

    private Dripping(byte[] frame, int atOnce) {
        this.frame = frame;
        this.atOnce = Arrays.copyOf(frame, atOnce);
        this.at = atOnce;
    }

    static Attack header() {
        return new Dripping(RawFrame.of("\"id\": 1, \"action\": \"echo\"", new byte[0]), 1);
    }

    static Attack content() {
        byte[] head = RawFrame.head("\"id\": 1, \"action\": \"echo\"", Hoarding.CONTENT_BYTES);
        return new Dripping(Arrays.copyOf(head, head.length + 1_000), head.length + 1);
    }

    @Override
    public byte @Nullable [] more() {
        byte[] first = atOnce;
        atOnce = null;
        return first;
    }

    @Override
    public byte @Nullable [] beat() {
        return at < frame.length ? new byte[] {frame[at++]} : null;
    }

    @Override
    public boolean isDone(int answers) {
        return false; // the server ends it
    }
}
