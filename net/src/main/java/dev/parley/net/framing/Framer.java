package dev.parley.net.framing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A framer knows how a protocol cuts its stream of bytes into frames. A stream has no borders (RFC 9293, section 2.2):
 * one read may return half a frame, or three and a half. A framer holds no state of a connection, so one object serves
 * all connections, on any thread. A {@link FrameReceiver} uses it on an event loop, and a {@link FramedInput} on a
 * blocking stream.
 *
 * {@snippet :
 * Framer lines = Framer.lines(1_000);
 * loop.listen("tcp://localhost:0", connection -> FrameReceiver.of(lines, (same, line) -> {
 *     String text = StandardCharsets.UTF_8.decode(line).toString();
 *     same.send(lines.encode("said " + text));
 * }));
 * }
 *
 * <p>A protocol with another kind of frame implements this interface.
 */
public interface Framer {
    /**
     * Returns a framer of lines. A line ends with LF, or with CR LF; neither is a part of the frame. A line that is
     * sent must not end with CR, since the receiver would take it for a part of the end. So check what a peer has sent
     * before you send it on: of {@code x CR CR LF}, the frame is {@code x CR}.
     *
     * @param frameBytesMax the maximum number of bytes of a line without its end, at least 1
     * @return the framer
     * @throws IllegalArgumentException if the maximum is below 1, or above {@link Integer#MAX_VALUE} / 2
     */
    static Framer lines(int frameBytesMax) {
        return DelimiterFramer.lines(frameBytesMax);
    }

    /**
     * Returns a framer of parts that each end with the same bytes, which do not belong to the frame.
     *
     * @param delimiter the bytes at the end of each frame, at least one, such as {@code {0}}
     * @param frameBytesMax the maximum number of bytes of a frame without its delimiter, at least 1
     * @return the framer
     * @throws IllegalArgumentException if the delimiter is empty, or the maximum is below 1 or above {@link
     *     Integer#MAX_VALUE} / 2
     */
    static Framer delimited(byte[] delimiter, int frameBytesMax) {
        return new DelimiterFramer(delimiter.clone(), frameBytesMax);
    }

    /**
     * Returns a framer of parts that each follow their length, an unsigned number in network order (big-endian).
     *
     * @param prefixBytes the number of bytes of the length: 1, 2, 3, 4 or 8
     * @param frameBytesMax the maximum length, which does not count the prefix; at least 1, and at most what the prefix
     *     can say
     * @return the framer
     * @throws IllegalArgumentException if one of the numbers is out of its range
     */
    static Framer lengthPrefixed(int prefixBytes, int frameBytesMax) {
        return lengthPrefixed(prefixBytes, ByteOrder.BIG_ENDIAN, frameBytesMax);
    }

    /**
     * Returns a framer of parts that each follow their length, as {@link #lengthPrefixed(int, int)} does, for a length
     * in either order.
     *
     * @param prefixBytes the number of bytes of the length: 1, 2, 3, 4 or 8
     * @param order the order of these bytes
     * @param frameBytesMax the maximum length, which does not count the prefix; at least 1, and at most what the prefix
     *     can say
     * @return the framer
     * @throws IllegalArgumentException if one of the numbers is out of its range
     */
    static Framer lengthPrefixed(int prefixBytes, ByteOrder order, int frameBytesMax) {
        return new LengthFramer(prefixBytes, order, frameBytesMax);
    }

    /**
     * Cuts off the first frame.
     *
     * @param unread the bytes that belong to no earlier frame; if they begin with a whole frame, this method moves the
     *     position past it, and otherwise it leaves the position
     * @param seenBytes how many of these bytes an earlier call has seen, which then found no whole frame; 0 if there
     *     was no such call
     * @return the frame, which may share its bytes with {@code unread}; null if more bytes are needed
     * @throws FramingException if the bytes cannot be the beginning of a frame, or of one that is allowed
     */
    @Nullable
    ByteBuffer next(ByteBuffer unread, int seenBytes) throws FramingException;

    /**
     * {@return the maximum number of bytes of a frame that is not whole yet} If more bytes are unread, and {@link
     * #next} still returns null, the frame is too long.
     */
    int unreadBytesMax();

    /**
     * Makes a frame, ready to be sent.
     *
     * @param content the content of the frame, which is copied
     * @return the content with its delimiter or its length
     * @throws IllegalArgumentException if the content is too long, contains the delimiter, or is a line that ends with
     *     CR
     */
    byte[] encode(byte[] content);

    /**
     * Makes a frame of a text in UTF-8, ready to be sent.
     *
     * @param text the content of the frame
     * @return the frame
     * @throws IllegalArgumentException if the text is too long, or contains the delimiter
     */
    default byte[] encode(String text) {
        return encode(text.getBytes(StandardCharsets.UTF_8));
    }
}
