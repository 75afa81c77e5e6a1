package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameWriter;

/**
 * Writes messages as bytes for a bus, in the form of docs/protocol.md. One writer for many messages costs less than one
 * for each, since it remembers headers. Any thread may use it.
 */
public final class MessageWriter {
    private final FrameWriter frames = new FrameWriter();

    /** Makes a writer. */
    public MessageWriter() {}

    /**
     * {@return the bytes of a message, from its length to the end of its content}
     *
     * @param message any message
     */
    public byte[] write(Message message) {
        return write(message, 0);
    }

    /**
     * {@return an array with {@code before} empty bytes, followed by the bytes of the message}
     *
     * @param message any message
     * @param before the number of bytes before the message
     */
    public synchronized byte[] write(Message message, int before) {
        Frame frame = message.frame();
        var bytes = new byte[before + frames.lengthOf(frame)];
        frames.put(frame, bytes, before);
        return bytes;
    }
}
