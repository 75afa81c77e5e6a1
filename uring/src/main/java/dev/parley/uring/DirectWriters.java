package dev.parley.uring;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends bytes for threads other than the loop's. A blocking connection writes from its own virtual thread with a system
 * call, because only one thread may submit to a ring. All connections share {@link #PLACES} places, each with its own
 * lock, memory and errno. The lock also prevents a descriptor from being closed and reused while a thread sends to it.
 */
final class DirectWriters {
    private static final int PLACES = 16;
    private static final int COPY_BYTES = 64 * 1024;

    /**
     * One of the places, at which one thread at a time can send. A thread must hold the monitor of the place when it
     * calls a method of it.
     */
    static final class Place {
        private final Region region;
        private final Sockets sockets;
        private ByteBuffer copies = ByteBuffer.allocate(0);

        private Place(Region region) {
            this.region = region;
            sockets = new Sockets(region.arena());
        }

        /**
         * Sends the bytes that the socket takes now, and returns their number. The buffer's position moves by this
         * number.
         */
        int send(int descriptor, ByteBuffer bytes) throws IOException {
            return bytes.isDirect() ? sendInPlace(descriptor, bytes) : sendCopied(descriptor, bytes);
        }

        private int sendInPlace(int descriptor, ByteBuffer bytes) throws IOException {
            long address = NativeMemory.addressOf(bytes); // the address of the byte at its position
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

    /** Creates the places. Their memory belongs to the region, which outlives all connections. */
    DirectWriters(Region region) {
        for (int i = 0; i < PLACES; i++) {
            places[i] = new Place(region);
        }
    }

    /** Returns the place of the connection with this number. A connection always has the same place. */
    Place of(int number) {
        return places[number & PLACES - 1];
    }
}
