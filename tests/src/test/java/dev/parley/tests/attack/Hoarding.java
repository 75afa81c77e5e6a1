package dev.parley.tests.attack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The most content that a message may have, of which all but the last byte comes: the server holds it and waits. */
final class Hoarding implements Attack {
    static final int CONTENT_BYTES = 1024 * 1024;

    private static final byte[] ALL_BUT_ONE = allButOne();

    private boolean sent;

    private static byte[] allButOne() {
        byte[] head = RawFrame.head("\"id\": 1, \"action\": \"echo\"", CONTENT_BYTES);
        return Arrays.copyOf(head, head.length + CONTENT_BYTES - 1);
    }

    @Override
    public byte @Nullable [] more() {
        byte[] next = sent ? null : ALL_BUT_ONE;
        sent = true;
        return next;
    }

    @Override
    public boolean isDone(int answers) {
        return false; // the server ends it
    }
}
