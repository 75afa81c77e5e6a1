package dev.parley.net;

import java.nio.ByteBuffer;

/** What waits in a send queue. */
sealed interface Waiting {
    /** Bytes in a buffer of the loop's, ready to be read. */
    record Bytes(ByteBuffer buffer) implements Waiting {}

    /** Bytes where the layer above has them, which does not change them. */
    record Lent(ByteBuffer bytes) implements Waiting {}

    /** A part of a file. */
    record OfFile(FileRegion region) implements Waiting {}
}
