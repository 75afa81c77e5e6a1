package dev.parley;

import dev.parley.cluster.ClusterMessages;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.link.StreamMessages;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Refuses the requests of other nodes that the server inside this node does not take: such a message would end the one
 * connection on which all requests of other nodes come.
 */
final class NodeLimits {
    /** The four required keys, and {@code id}. */
    private static final int KEYS_BESIDE_OTHERS = 5;

    private static final int HEADER_BYTES_FRAME = 65_535;

    private NodeLimits() {}

    /**
     * Returns the error response for a request that the server does not take; null if it takes it.
     *
     * @param bare the request as the other node has sent it
     * @param options what the request gets in this node
     */
    static @Nullable Message refusal(
            FrameLimits limits, String action, Message bare, boolean hasMore, CallOptions options) {
        int contentBytes = bare.contentLength();
        if (contentBytes > limits.contentBytesMax()) {
            return ClusterMessages.error(
                    ErrorCode.CONTENT_TOO_LARGE,
                    "content-length is " + contentBytes + "; the limit of the node is " + limits.contentBytesMax()
                            + " bytes");
        }
        Header going = going(action, bare.header(), hasMore, options);
        int keys = going.others().size() + KEYS_BESIDE_OTHERS;
        if (keys > FrameLimits.HEADER_KEYS_MAX) {
            return ClusterMessages.error(
                    ErrorCode.BAD_HEADER,
                    "the header has " + keys + " keys with those that a node adds; the limit is "
                            + FrameLimits.HEADER_KEYS_MAX);
        }
        int headerBytes = headerBytes(bare, going);
        if (headerBytes > limits.headerBytesMax()) {
            return ClusterMessages.error(
                    ErrorCode.HEADER_TOO_LARGE,
                    "the header length is more than the node takes, with the keys that it adds; the limit is "
                            + limits.headerBytesMax() + " bytes");
        }
        return null;
    }

    /** Returns the header of the message that goes to the server. */
    private static Header going(String action, Header bare, boolean hasMore, CallOptions options) {
        var keys = new LinkedHashMap<>(bare.others());
        keys.putAll(options.headers());
        keys.put(Header.ACTION, action);
        options.timeLimit()
                .ifPresent(limit -> keys.put(Header.TIMEOUT_MS, new JsonNumber(Long.toString(limit.toMillis()))));
        if (hasMore) {
            keys.put(Header.MORE, true);
        }
        return StreamMessages.withKeys(bare, Header.ID_MAX, keys);
    }

    /**
     * Checks a message after the first one of a stream.
     *
     * @throws IllegalArgumentException if the server does not take it
     */
    static void checkFurther(FrameLimits limits, Message piece) {
        var keys = new LinkedHashMap<>(piece.header().others());
        keys.put(Header.MORE, true);
        int count = keys.size() + KEYS_BESIDE_OTHERS;
        if (count > FrameLimits.HEADER_KEYS_MAX) {
            throw new IllegalArgumentException(
                    "the header has " + count + " keys; the limit is " + FrameLimits.HEADER_KEYS_MAX);
        }
        Header going = StreamMessages.withKeys(piece.header(), Header.ID_MAX, keys);
        limits.check(2 + headerBytes(piece, going) + piece.contentLength(), piece.contentLength());
    }

    /** Returns the length of the header; if a frame cannot express it, more than any limit. */
    private static int headerBytes(Message bare, Header going) {
        try {
            return new FrameWriter().lengthOf(bare.frame().with(going)) - 2 - bare.contentLength();
        } catch (IllegalArgumentException tooLong) {
            return HEADER_BYTES_FRAME + 1;
        }
    }
}
