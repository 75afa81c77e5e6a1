package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header.Direction;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages from a bus, in the form of docs/protocol.md. One reader for many messages costs less than one for
 * each, since it knows again the headers that it has read. Any thread may use it.
 */
public final class MessageReader {
    private static final int HEADER_BYTES_MAX = 65_535; // what two bytes can say; the node's limits follow

    private final Direction direction;
    private int contentBytesMax;
    private @Nullable FrameReader frames;

    /**
     * Makes a reader.
     *
     * @param direction what the messages must be
     */
    public MessageReader(Direction direction) {
        this.direction = direction;
    }

    /**
     * Reads a message.
     *
     * @param bytes what a peer has sent, which may be anything
     * @param start where the message begins
     * @return the message; null if the bytes are not exactly one message of this direction
     */
    public synchronized @Nullable Message read(byte[] bytes, int start) {
        int length = bytes.length - start;
        FrameReader reader = frames;
        if (reader == null || length > contentBytesMax) {
            reader = newReader(length);
        }
        ByteBuffer all = ByteBuffer.wrap(bytes, start, length);
        Frame frame = reader.read(all) instanceof FrameReader.Whole whole ? whole.frame() : null;
        if (frame == null || all.hasRemaining()) {
            frames = null; // it is in the middle of something
            return null;
        }
        return Message.of(frame.kept());
    }

    /** Returns a reader for messages of this length, whatever the node's limits were when they were sent. */
    private FrameReader newReader(int length) {
        contentBytesMax = Math.max(length, Integer.highestOneBit(length) << 1);
        FrameLimits limits =
                FrameLimits.DEFAULT.withHeaderBytesMax(HEADER_BYTES_MAX).withContentBytesMax(contentBytesMax);
        var reader = new FrameReader(limits, direction);
        frames = reader;
        return reader;
    }
}
