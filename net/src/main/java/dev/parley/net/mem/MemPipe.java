package dev.parley.net.mem;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one direction of a connection: a ring buffer of limited size between two loops.
 *
 * <p>Its own monitor guards it, for the few instructions that move bytes; no other code is called while the monitor is
 * held.
 */
final class MemPipe {
    private final int capacity;
    private byte[] ring = new byte[0];
    private int head;
    private int size;
    private boolean ended;
    private boolean readerGone;
    private @Nullable String broken;

    MemPipe(int capacity) {
        this.capacity = capacity;
    }

    /** Takes as many bytes as fit, and returns their number. Throws, as a socket does, if the reader has gone. */
    synchronized int write(ByteBuffer bytes) throws IOException {
        if (broken != null || readerGone) {
            throw new SocketException(broken != null ? broken : "Broken pipe");
        }
        int count = Math.min(bytes.remaining(), capacity - size);
        grow(size + count);
        for (int left = count; left > 0; ) {
            int tail = (head + size) % ring.length;
            int piece = Math.min(left, ring.length - tail);
            bytes.get(ring, tail, piece);
            size += piece;
            left -= piece;
        }
        return count;
    }

    private void grow(int needed) {
        if (needed <= ring.length) {
            return;
        }
        var larger = new byte[Math.min(capacity, Math.max(needed, ring.length * 2))];
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, larger, 0, first);
        System.arraycopy(ring, 0, larger, first, size - first);
        ring = larger;
        head = 0;
    }

    /** Returns the number of bytes that were read: 0 if there are none yet, -1 at the end of the stream. */
    synchronized int read(ByteBuffer into) throws IOException {
        if (size == 0 && broken != null) {
            throw new SocketException(broken);
        }
        if (size == 0) {
            return ended ? -1 : 0;
        }
        int count = Math.min(into.remaining(), size);
        for (int left = count; left > 0; ) {
            int piece = Math.min(left, ring.length - head);
            into.put(ring, head, piece);
            head = (head + piece) % ring.length;
            size -= piece;
            left -= piece;
        }
        if (size == 0) {
            ring = new byte[0];
            head = 0;
        }
        return count;
    }

    synchronized boolean readable() {
        return size > 0 || ended || broken != null;
    }

    synchronized boolean writable() {
        return size < capacity || readerGone || broken != null;
    }

    /** Ends the stream: the writer will write nothing more. The bytes in the pipe can still be read. */
    synchronized void end() {
        ended = true;
    }

    /** Ends reading. Returns true if bytes were left unread, in which case a socket would respond with a reset. */
    synchronized boolean leave() {
        readerGone = true;
        boolean unread = size > 0;
        ring = new byte[0];
        head = 0;
        size = 0;
        return unread;
    }

    /**
     * Breaks the pipe, as a reset does. After the end of the stream this has no effect, because the writer has already
     * written all bytes.
     */
    synchronized void breakWith(String message) {
        if (!ended) {
            broken = message;
        }
    }
}
