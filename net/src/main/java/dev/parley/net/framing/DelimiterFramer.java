package dev.parley.net.framing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Frames that each end with a delimiter, and lines. */
final class DelimiterFramer implements Framer {
    private static final byte[] LINE_FEED = {'\n'};
    private static final int FRAME_BYTES_LIMIT = Integer.MAX_VALUE / 2;

    private final byte[] delimiter;
    private final int frameBytesMax;

    /** True if a CR before the delimiter belongs to it. */
    private final boolean dropsReturn;

    private DelimiterFramer(byte[] delimiter, int frameBytesMax, boolean dropsReturn) {
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("a delimiter has at least 1 byte");
        }
        if (frameBytesMax < 1 || frameBytesMax > FRAME_BYTES_LIMIT) {
            throw new IllegalArgumentException(
                    "frameBytesMax is " + frameBytesMax + "; it is from 1 to " + FRAME_BYTES_LIMIT);
        }
        this.delimiter = delimiter;
        this.frameBytesMax = frameBytesMax;
        this.dropsReturn = dropsReturn;
    }

    DelimiterFramer(byte[] delimiter, int frameBytesMax) {
        this(delimiter, frameBytesMax, false);
    }

    static DelimiterFramer lines(int frameBytesMax) {
        return new DelimiterFramer(LINE_FEED, frameBytesMax, true);
    }

    @Override
    public @Nullable ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException {
        int begin = unread.position();
        int end = find(unread, begin + Math.max(0, seenBytes - delimiter.length + 1));
        int length = (end < 0 ? unread.limit() : end) - begin;
        if (dropsReturn && length > 0 && unread.get(begin + length - 1) == '\r') {
            length--;
        }
        int delimiterBegun = end < 0 ? delimiter.length - 1 : 0;
        if (length > frameBytesMax + delimiterBegun) {
            throw FramingException.tooLong(noun(), frameBytesMax);
        }
        if (end < 0) {
            return null;
        }
        unread.position(end + delimiter.length);
        return unread.slice(begin, length);
    }

    /** Returns the index of the first delimiter that begins at {@code from} or later; -1 if there is none. */
    private int find(ByteBuffer bytes, int from) {
        int last = bytes.limit() - delimiter.length;
        for (int i = from; i <= last; i++) {
            if (bytes.get(i) == delimiter[0] && isDelimiter(bytes, i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isDelimiter(ByteBuffer bytes, int index) {
        for (int i = 1; i < delimiter.length; i++) {
            if (bytes.get(index + i) != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    private String noun() {
        return dropsReturn ? "a line" : "a frame";
    }

    @Override
    public int unreadBytesMax() {
        // A frame of the maximum length, and a delimiter that lacks its last byte. A line may also have a CR.
        return frameBytesMax + delimiter.length - (dropsReturn ? 0 : 1);
    }

    @Override
    public byte[] encode(byte[] content) {
        if (content.length > frameBytesMax) {
            throw new IllegalArgumentException(
                    noun() + " has at most " + frameBytesMax + " bytes, not " + content.length);
        }
        byte[] frame = Arrays.copyOf(content, content.length + delimiter.length);
        System.arraycopy(delimiter, 0, frame, content.length, delimiter.length);
        int found = find(ByteBuffer.wrap(frame), 0);
        if (found != content.length) {
            throw new IllegalArgumentException(noun() + " cannot contain its own end, which is at byte " + found);
        }
        if (dropsReturn && content.length > 0 && content[content.length - 1] == '\r') {
            throw new IllegalArgumentException(
                    "a line cannot end with CR, which its reader takes for a part of its end");
        }
        return frame;
    }

    @Override
    public String toString() {
        return dropsReturn
                ? "lines of at most " + frameBytesMax + " bytes"
                : "frames of at most " + frameBytesMax + " bytes, each before a delimiter of " + delimiter.length;
    }
}
