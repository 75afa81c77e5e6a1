package dev.parley.tests.attack;

import org.jspecify.annotations.Nullable;

/** As many streams as a connection may have, which hold as much as may be: bytes that neither end reads. */
final class Streaming implements Attack {
    private static final int STREAMS = 100;

    /** The most bytes that leave credit for one message more, of any length. */
    private static final int LEAVES_CREDIT_BYTES = 64 * 1024 - 1;

    private final boolean uploads;
    private int step;

    private Streaming(boolean uploads) {
        this.uploads = uploads;
    }

    /** Returns streams to handlers that do not read. */
    static Attack uploads() {
        return new Streaming(true);
    }

    /** Returns streams from handlers that send without end, to a client that does not read, and they may do so. */
    static Attack downloads() {
        return new Streaming(false);
    }

    @Override
    public byte @Nullable [] more() {
        if (step == 2 * STREAMS) {
            return null;
        }
        String id = "\"id\": " + (step / 2 + 1);
        boolean first = step++ % 2 == 0;
        if (uploads) {
            return first
                    ? RawFrame.of(id + ", \"more\": true, \"action\": \"hold\"", new byte[LEAVES_CREDIT_BYTES])
                    : RawFrame.of(id + ", \"more\": true", new byte[Hoarding.CONTENT_BYTES]);
        }
        return first ? RawFrame.of(id + ", \"action\": \"pour\"", new byte[1]) : credit(id);
    }

    private static byte[] credit(String id) {
        return RawFrame.head(id + ", \"control\": \"credit\", \"credit\": " + Integer.MAX_VALUE, 0);
    }

    /** A peer that does not read learns of the end by writing. */
    @Override
    public byte @Nullable [] beat() {
        return uploads ? null : credit("\"id\": 1");
    }

    @Override
    public boolean reads() {
        return uploads;
    }

    @Override
    public boolean isDone(int answers) {
        return uploads; // the server ends a peer that does not read
    }
}
