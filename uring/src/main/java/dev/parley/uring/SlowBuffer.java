package dev.parley.uring;

import java.nio.ByteBuffer;

/**
 * A buffer for bytes that one peer does not take at once. It has its own region, so that it can be freed separately.
 */
final class SlowBuffer {
    private final Region region;
    private final ByteBuffer bytes;

    SlowBuffer(Region region, int count) {
        this.region = region;
        try {
            bytes = region.buffer(count);
        } catch (OutOfMemoryError e) {
            region.close();
            throw e;
        }
    }

    ByteBuffer bytes() {
        return bytes;
    }

    int capacity() {
        return bytes.capacity();
    }

    void free() {
        region.close();
    }
}
