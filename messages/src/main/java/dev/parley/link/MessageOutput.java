package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.FrameWriter;
import dev.parley.net.LoopConnection;
import java.nio.ByteBuffer;

/**
 * What leaves on one connection: messages that are ready together leave together, in one system call. Runs on the loop's
 * thread.
 */
public final class MessageOutput {
    private static final int FIRST_BYTES = 1024;

    /** Collected messages are sent on from here, so that a flood of small requests needs no large buffer. */
    private static final int HIGH_BYTES = 64 * 1024;

    private final LoopConnection connection;
    private final FrameWriter writer = new FrameWriter();
    private ByteBuffer output = ByteBuffer.allocate(0);

    /** The output of one connection. */
    public MessageOutput(LoopConnection connection) {
        this.connection = connection;
    }

    /**
     * Takes a message; it leaves with the next {@link #flush}, or before.
     *
     * @throws IllegalArgumentException when its header is longer than a frame can say; then nothing of it leaves
     */
    public void put(Message message) {
        int length = writer.lengthOf(message.frame());
        if (output.remaining() < length) {
            makeRoom(length);
        }
        if (length > HIGH_BYTES) {
            ByteBuffer alone = ByteBuffer.allocate(length);
            writer.put(message.frame(), alone);
            connection.send(alone.flip());
        } else {
            writer.put(message.frame(), output);
        }
    }

    private void makeRoom(int length) {
        flush();
        if (length <= HIGH_BYTES && output.capacity() < length) {
            int capacity = Math.max(FIRST_BYTES, Math.max(2 * length, 2 * output.capacity()));
            output = ByteBuffer.allocate(Math.min(HIGH_BYTES, capacity));
        }
    }

    /** Gives what was collected to the connection. */
    public void flush() {
        if (output.position() > 0) {
            connection.send(output.flip());
            output.clear();
        }
    }

    /** Whether so much waits for a slow peer that nothing further should be added; its receiver hears {@code writable}. */
    public boolean isHeldBack() {
        int high = connection.loop().limits().queuedBytesHigh();
        if (connection.queuedBytes() + output.position() >= high) {
            flush();
        }
        return connection.queuedBytes() >= high;
    }

    /** Between messages an idle connection holds little. */
    public void shrink() {
        if (output.capacity() > FIRST_BYTES) {
            output = ByteBuffer.allocate(0);
        }
    }
}
