package dev.parley.net;

import java.nio.ByteBuffer;

/** One element of a send queue. */
sealed interface QueuedOutput {
    /** Bytes in a buffer that is borrowed from the loop, from its position to its limit. */
    record Bytes(ByteBuffer buffer) implements QueuedOutput {}

    /**
     * Bytes in a buffer of the layer above, which no longer changes them.
     *
     * @param heldBytes the memory that the bytes keep from being freed: the whole array that they are a part of
     */
    record Lent(ByteBuffer bytes, int heldBytes) implements QueuedOutput {
        @SuppressWarnings("ByteBufferBackingArray") // only the length of the array is used
        static Lent of(ByteBuffer bytes) {
            return new Lent(bytes.slice(), bytes.hasArray() ? bytes.array().length : bytes.capacity());
        }
    }

    /** A part of a file. */
    record OfFile(SendFile.Region region) implements QueuedOutput {}
}
