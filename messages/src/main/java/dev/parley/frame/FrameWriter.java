package dev.parley.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Turns a message into its bytes, the header as the tutorial's programs write it. */
public final class FrameWriter {
    private FrameWriter() {}

    /**
     * The frame of a message.
     *
     * @throws IllegalArgumentException when the header is longer than a frame can say
     */
    public static ByteBuffer write(Frame frame) {
        byte[] header = HeaderText.json(frame.header()).getBytes(StandardCharsets.UTF_8);
        if (header.length > 0xffff) {
            throw new IllegalArgumentException("the header is " + header.length + " bytes long; at most 65535");
        }
        return ByteBuffer.allocate(2 + header.length + frame.content().length)
                .putShort((short) header.length)
                .put(header)
                .put(frame.content())
                .flip();
    }
}
