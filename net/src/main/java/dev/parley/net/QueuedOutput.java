package dev.parley.net;

import java.nio.ByteBuffer;

/** One element of a send queue. */
sealed interface QueuedOutput {
    /** Bytes in a buffer of the loop, ready to be read. */
    record Bytes(ByteBuffer buffer) implements QueuedOutput {}

    /**
     * Bytes in a buffer of the layer above, which does not change them.
     *
     * @param heldBytes the memory that they keep from being freed, which is all of their array
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
