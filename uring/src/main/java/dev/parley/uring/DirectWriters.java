package dev.parley.uring;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends for threads that are not the loop's: a blocking connection writes from its own virtual thread, with a system
 * call of its own, since a ring takes submissions of one thread alone. A few places, each with a lock, memory and errno
 * of its own; the lock also keeps a descriptor from being closed, and used again, while somebody sends to it.
 */
final class DirectWriters {
    private static final int PLACES = 16;
    private static final int COPY_BYTES = 64 * 1024;

    /** One of the places; what it does is done holding its monitor. */
    static final class Place {
        private final Region region;
        private final Sockets sockets;
        private ByteBuffer copies = ByteBuffer.allocate(0);

        private Place(Region region) {
            this.region = region;
            sockets = new Sockets(region.arena());
        }

        /** Sends what is taken now; the buffer's position moves by that much. */
        int send(int descriptor, ByteBuffer bytes) throws IOException {
            return bytes.isDirect() ? sendInPlace(descriptor, bytes) : sendCopied(descriptor, bytes);
        }

        private int sendInPlace(int descriptor, ByteBuffer bytes) throws IOException {
            long address = NativeMemory.addressOf(bytes); // of its position
            int sent = sockets.sendNow(descriptor, address, bytes.remaining());
            bytes.position(bytes.position() + sent);
            return sent;
        }

        private int sendCopied(int descriptor, ByteBuffer bytes) throws IOException {
            if (copies.capacity() == 0) {
                copies = region.buffer(COPY_BYTES);
            }
            int sent = 0;
            while (bytes.hasRemaining()) {
                int count = Math.min(bytes.remaining(), COPY_BYTES);
                copies.put(0, bytes, bytes.position(), count);
                int taken = sockets.sendNow(descriptor, NativeMemory.addressOf(copies.clear()), count);
                bytes.position(bytes.position() + taken);
                sent += taken;
                if (taken < count) {
                    break;
                }
            }
            return sent;
        }
    }

    private final Place[] places = new Place[PLACES];

    /** Their memory is the region's, which outlives every connection. */
    DirectWriters(Region region) {
        for (int i = 0; i < PLACES; i++) {
            places[i] = new Place(region);
        }
    }

    /** The place of the owner with this number, always the same one. */
    Place of(int number) {
        return places[number & PLACES - 1];
    }
}
