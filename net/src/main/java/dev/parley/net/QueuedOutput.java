package dev.parley.net;

import java.nio.ByteBuffer;

/** What waits in a send queue. */
sealed interface QueuedOutput {
    /** Bytes in a buffer of the loop's, ready to be read. */
    record Bytes(ByteBuffer buffer) implements QueuedOutput {}

    /**
     * Bytes where the layer above has them, which does not change them.
     *
     * @param heldBytes what they keep from being free, which is all of their array
     */
    record Lent(ByteBuffer bytes, int heldBytes) implements QueuedOutput {
        @SuppressWarnings("ByteBufferBackingArray") // its length alone counts
        static Lent of(ByteBuffer bytes) {
            return new Lent(bytes.slice(), bytes.hasArray() ? bytes.array().length : bytes.capacity());
        }
    }

    /** A part of a file. */
    record OfFile(FileRegion region) implements QueuedOutput {}
}
