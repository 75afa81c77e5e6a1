package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.FrameWriter;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.json.JsonText;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes messages as bytes for a bus, in the form of docs/protocol.md, and reads them. */
public final class ClusterMessages {
    private ClusterMessages() {}

    /**
     * {@return the bytes of a message, from its length to the end of its content}
     *
     * @param message any message
     */
    public static byte[] write(Message message) {
        ByteBuffer bytes = FrameWriter.write(message.frame());
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        return all;
    }

    /**
     * {@return an error response}
     *
     * @param code the code, which is the response's {@code status}
     * @param why one sentence for people
     */
    public static Message error(ErrorCode code, String why) {
        String json = "{\"result\": " + JsonText.string("Error: " + why) + ", \"code\": \"" + code.wire() + "\"}";
        return Message.json(json).with(Header.STATUS, code.wire());
    }

    /**
     * Reads a message.
     *
     * @param bytes what a peer has sent, which may be anything
     * @param direction what it must be
     * @param contentBytesMax the maximum number of bytes of its content
     * @return the message; null if the bytes are not exactly one message of this direction
     */
    public static @Nullable Message read(byte[] bytes, Direction direction, int contentBytesMax) {
        var reader = new FrameReader(FrameLimits.DEFAULT.withContentBytesMax(contentBytesMax), direction);
        ByteBuffer all = ByteBuffer.wrap(bytes);
        Frame frame = reader.read(all) instanceof FrameReader.Whole whole ? whole.frame() : null;
        return frame == null || all.hasRemaining() ? null : Message.of(frame);
    }
}
