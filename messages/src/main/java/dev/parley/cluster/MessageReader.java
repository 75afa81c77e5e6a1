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
     * @param contentMax the maximum number of bytes of its content
     * @return the message; null if the bytes are not exactly one message of this direction
     */
    public synchronized @Nullable Message read(byte[] bytes, int start, int contentMax) {
        FrameReader reader = frames;
        if (reader == null || contentMax != contentBytesMax) {
            reader = new FrameReader(FrameLimits.DEFAULT.withContentBytesMax(contentMax), direction);
            contentBytesMax = contentMax;
            frames = reader;
        }
        ByteBuffer all = ByteBuffer.wrap(bytes, start, bytes.length - start);
        Frame frame = reader.read(all) instanceof FrameReader.Whole whole ? whole.frame() : null;
        if (frame == null || all.hasRemaining()) {
            frames = null; // it is in the middle of something
            return null;
        }
        return Message.of(frame.kept());
    }
}
