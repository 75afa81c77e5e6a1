package dev.parley.net.framing;

import dev.parley.net.CloseReason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Frames that each follow their length. */
final class LengthFramer implements Framer {
    private static final int LONGEST_FRAME_BYTES = Integer.MAX_VALUE - 16;

    private final int prefixBytes;
    private final ByteOrder order;
    private final int frameBytesMax;

    LengthFramer(int prefixBytes, ByteOrder order, int frameBytesMax) {
        if (prefixBytes < 1 || prefixBytes > 4 && prefixBytes != 8) {
            throw new IllegalArgumentException("a length has 1, 2, 3, 4 or 8 bytes, not " + prefixBytes);
        }
        long limit = Math.min(LONGEST_FRAME_BYTES, prefixBytes < 4 ? (1L << 8 * prefixBytes) - 1 : Long.MAX_VALUE);
        if (frameBytesMax < 1 || frameBytesMax > limit) {
            throw new IllegalArgumentException("frameBytesMax is " + frameBytesMax + "; with a length of " + prefixBytes
                    + " bytes, it is from 1 to " + limit);
        }
        this.prefixBytes = prefixBytes;
        this.order = Objects.requireNonNull(order);
        this.frameBytesMax = frameBytesMax;
    }

    @Override
    public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException {
        if (unread.remaining() < prefixBytes) {
            return null;
        }
        int begin = unread.position();
        long length = 0;
        for (int i = 0; i < prefixBytes; i++) {
            int index = order == ByteOrder.BIG_ENDIAN ? i : prefixBytes - 1 - i;
            length = length << 8 | unread.get(begin + index) & 0xff;
        }
        if (length < 0 || length > frameBytesMax) {
            throw new FramingException(
                    "a frame announces " + Long.toUnsignedString(length) + " bytes; at most " + frameBytesMax
                            + " are allowed",
                    CloseReason.LIMIT);
        }
        if (unread.remaining() - prefixBytes < length) {
            return null;
        }
        unread.position(begin + prefixBytes + (int) length);
        return unread.slice(begin + prefixBytes, (int) length);
    }

    @Override
    public int unreadBytesMax() {
        return prefixBytes + frameBytesMax;
    }

    @Override
    public byte[] encode(byte[] content) {
        if (content.length > frameBytesMax) {
            throw new IllegalArgumentException(
                    "a frame has at most " + frameBytesMax + " bytes, not " + content.length);
        }
        byte[] frame = new byte[prefixBytes + content.length];
        for (int i = 0; i < prefixBytes; i++) {
            int place = order == ByteOrder.BIG_ENDIAN ? prefixBytes - 1 - i : i;
            frame[place] = (byte) ((long) content.length >> 8 * i);
        }
        System.arraycopy(content, 0, frame, prefixBytes, content.length);
        return frame;
    }

    @Override
    public String toString() {
        return "frames of at most " + frameBytesMax + " bytes, each after a length of " + prefixBytes + " bytes";
    }
}
