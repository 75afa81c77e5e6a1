package dev.parley.net.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection that belong to no frame yet. While the bytes that arrive end with whole frames, it keeps
 * none of them, and no array. One thread at a time uses it.
 */
final class UnreadBytes {
    private static final byte[] NONE = {};

    private final Framer framer;
    private byte[] kept = NONE;
    private int begin;
    private int end;
    private int seenBytes;

    UnreadBytes(Framer framer) {
        this.framer = framer;
    }

    /**
     * Returns the next frame, and takes its bytes; null if more bytes are needed, in which case it has taken all that
     * arrived.
     *
     * @param arrived bytes that follow those of the last call
     * @return the frame, which is valid until {@code arrived} changes
     */
    @Nullable
    ByteBuffer next(ByteBuffer arrived) throws FramingException {
        if (begin == end) {
            ByteBuffer frame = cut(arrived);
            if (frame == null) {
                keep(arrived);
            }
            return frame;
        }
        keep(arrived);
        ByteBuffer unread = ByteBuffer.wrap(kept, begin, end - begin).asReadOnlyBuffer();
        ByteBuffer frame = cut(unread);
        begin = unread.position();
        if (begin == end) {
            kept = NONE; // the frame still refers to the array
            begin = 0;
            end = 0;
        }
        return frame;
    }

    private @Nullable ByteBuffer cut(ByteBuffer unread) throws FramingException {
        ByteBuffer frame = framer.next(unread, seenBytes);
        seenBytes = frame == null ? unread.remaining() : 0;
        if (frame == null && seenBytes > framer.unreadBytesMax()) {
            throw FramingException.tooLong("a frame", framer.unreadBytesMax());
        }
        return frame;
    }

    private void keep(ByteBuffer arrived) {
        int count = arrived.remaining();
        if (count > kept.length - end) {
            int unread = end - begin;
            byte[] larger = new byte[Math.max(unread + count, (int) Math.min(2L * unread, framer.unreadBytesMax()))];
            System.arraycopy(kept, begin, larger, 0, unread);
            kept = larger;
            begin = 0;
            end = unread;
        }
        arrived.get(kept, end, count);
        end += count;
    }

    /** {@return the bytes that belong to no frame} They are not taken. */
    ByteBuffer rest() {
        return ByteBuffer.wrap(kept, begin, end - begin).slice().asReadOnlyBuffer();
    }

    int count() {
        return end - begin;
    }

    int heldBytes() {
        return kept.length;
    }

    void drop() {
        kept = NONE;
        begin = 0;
        end = 0;
        seenBytes = 0;
    }
}
