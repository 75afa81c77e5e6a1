package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import java.util.Map;

/** Makes the messages of a stream, which have keys that other messages do not have (docs/protocol.md, section 13). */
public final class StreamMessages {
    private static final Map<String, Object> MORE = Map.of(Header.MORE, true);

    private static final String MARK_TYPE = "application/octet-stream";

    private static final int TYPE_SHORT = 1_024;

    /** The approximate number of bytes that a message takes in memory without its content and its further keys. */
    public static final int OBJECTS_BYTES = 256;

    private StreamMessages() {}

    /**
     * Returns this message with a mark that says that further messages follow.
     *
     * @throws IllegalArgumentException if the message's header or content exceeds the limits, or the message would not
     *     be received as a value
     */
    static Message followed(Message piece, Direction direction, FrameLimits limits) {
        Header header = value(piece).header();
        if (!header.others().isEmpty()) {
            return checked(piece.going(direction, Header.NO_ID).withProtocolKey(Header.MORE, true), limits);
        }
        if (header.contentType().length() > TYPE_SHORT) {
            return checked(piece.withProtocolKey(Header.MORE, true), limits);
        }
        limits.check(0, piece.contentLength()); // only the content is checked, since this header is short
        return Message.of(piece.frame().with(withKeys(header, header.id(), MORE)));
    }

    /**
     * Returns this message, which is a value of a stream.
     *
     * @throws IllegalArgumentException if it is like a mark, so that the other side would drop it
     */
    public static Message value(Message message) {
        if (isMark(message)) {
            throw new IllegalArgumentException("a value of a stream must not be an empty content of the type "
                    + MARK_TYPE + ", which only opens or ends a stream; send another content type");
        }
        return message;
    }

    /** Returns a header of the same content with another id, and with these keys instead of its own. */
    public static Header withKeys(Header header, long id, Map<String, Object> keys) {
        return new Header(
                header.byteOrder(), header.contentType(), header.contentEncoding(), header.contentLength(), id, keys);
    }

    /**
     * Checks the limits; the id, which the message gets later, may have any length. Called on the sender's thread, so
     * that the sender gets the exception; on the loop, an exception could only break the connection.
     */
    static Message checked(Message message, FrameLimits limits) {
        int frameBytes = new FrameWriter().lengthOf(message.frame(), Header.ID_MAX); // it is sent with some id
        limits.check(frameBytes, message.contentLength());
        return message;
    }

    /**
     * Returns a message without content. With the key {@code more}, it opens a stream; without this key, it ends a
     * stream.
     */
    public static Message mark() {
        return Message.binary(MARK_TYPE, new byte[0]);
    }

    /** Returns the header of a piece whose content is in a file. The header says that further pieces follow. */
    static Message ofFile(int contentBytes) {
        Header mark = mark().header();
        var header = new Header(
                mark.byteOrder(), mark.contentType(), mark.contentEncoding(), contentBytes, Header.NO_ID, MORE);
        return Message.of(new Frame(header, new byte[0]));
    }

    /**
     * Returns the first message of a stream as a filter sees it: only the header, since the handler takes the content.
     */
    public static Message ofHeader(Header header) {
        return Message.of(new Frame(header, new byte[0]));
    }

    /** Returns the approximate memory that a message takes while it waits, in bytes. */
    public static long heldBytes(Message message) {
        return heldBytes(message, message.header().othersBytes());
    }

    /** The same if the memory of the header's own keys is known. */
    static long heldBytes(Message message, int headerBytes) {
        return (long) OBJECTS_BYTES + headerBytes + message.contentLength();
    }

    /** Returns true if a message only opens or ends the stream, and is not a piece of it. */
    public static boolean isMark(Message message) {
        return message.contentLength() == 0 && message.header().contentType().equals(MARK_TYPE);
    }
}
