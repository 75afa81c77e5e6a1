package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Direction;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import java.util.Map;

/** The messages of a stream, as they differ from others (docs/protocol.md, section 13). */
public final class StreamMessages {
    private static final Map<String, Object> MORE = Map.of(Header.MORE, true);

    private static final int TYPE_SHORT = 1_024;

    /** About what a message takes in memory beside its content. */
    public static final int OBJECTS_BYTES = 256;

    private StreamMessages() {}

    /**
     * This message as one that others follow.
     *
     * @throws IllegalArgumentException when its header or content is longer than the limits say
     */
    static Message followed(Message piece, Direction direction, FrameLimits limits) {
        Header header = piece.header();
        if (!header.others().isEmpty()) {
            return checked(piece.going(direction, Header.NO_ID).withProtocolKey(Header.MORE, true), limits);
        }
        if (header.contentType().length() > TYPE_SHORT) {
            return checked(piece.withProtocolKey(Header.MORE, true), limits);
        }
        limits.check(0, piece.contentLength()); // such a header is short
        var marked = new Header(
                header.byteOrder(),
                header.contentType(),
                header.contentEncoding(),
                header.contentLength(),
                header.id(),
                MORE);
        return Message.of(piece.frame().with(marked));
    }

    /** Here, on the thread of who sends, and not on the loop, where it could only break the connection. */
    static Message checked(Message message, FrameLimits limits) {
        limits.check(new FrameWriter().lengthOf(message.frame()), message.contentLength());
        return message;
    }

    /** A message that says nothing by itself: with {@code more} it opens a stream, without it ends one. */
    public static Message mark() {
        return Message.binary("application/octet-stream", new byte[0]);
    }

    /** The header of a piece that others follow, and whose content is in a file. */
    static Message ofFile(int contentBytes) {
        Header mark = mark().header();
        var header = new Header(
                mark.byteOrder(), mark.contentType(), mark.contentEncoding(), contentBytes, Header.NO_ID, MORE);
        return Message.of(new Frame(header, new byte[0]));
    }

    /** What a filter sees of the first message: its header, since the content is the handler's to take. */
    public static Message ofHeader(Header header) {
        return Message.of(new Frame(header, new byte[0]));
    }

    /** Whether a message is no piece of the stream, but only opens or ends it. */
    public static boolean isMark(Message message) {
        return message.contentLength() == 0
                && message.header().contentEncoding().equals("binary");
    }
}
