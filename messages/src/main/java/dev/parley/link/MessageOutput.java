package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameWriter;
import dev.parley.net.LoopConnection;
import dev.parley.net.SendFile;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects the outgoing messages of one connection, so that messages that are ready at the same time are sent together,
 * in one system call. Runs on the loop's thread.
 */
public final class MessageOutput {
    private static final int FIRST_BYTES = 1024;

    /**
     * The maximum number of collected bytes. If the next message would exceed it, the collected bytes are sent first.
     * So a flood of small messages does not need a large buffer. The longest possible header has at most this many
     * bytes.
     */
    private static final int HIGH_BYTES = 64 * 1024 + 2;

    private static final byte[] NONE = {};

    /**
     * The objects that the connections of a loop share: a writer, which remembers the last headers, and a buffer. One
     * buffer is enough, since nearly always a connection has flushed it before another connection begins to write.
     */
    private static final class Shared {
        final FrameWriter writer = new FrameWriter();
        final byte[] bytes = new byte[HIGH_BYTES];
        final ByteBuffer view = ByteBuffer.wrap(bytes);

        @Nullable
        MessageOutput user;
    }

    private final LoopConnection connection;
    private final @Nullable MessageLog messageLog;
    private final Shared shared;
    private final FrameWriter writer;
    private byte[] output = NONE;
    private int count;
    private long takenBytes;
    private int highBytes;
    private boolean torn;

    /**
     * Makes the output of one connection. Called on the thread of its loop.
     *
     * @param messageLog the log of the messages; null if there is none
     */
    public MessageOutput(LoopConnection connection, @Nullable MessageLog messageLog) {
        this.connection = connection;
        this.messageLog = messageLog;
        this.shared = connection.loop().shared(Shared.class, Shared::new, _ -> {});
        this.writer = shared.writer;
        this.highBytes = connection.loop().limits().queuedBytesHigh();
    }

    /**
     * Takes a message. It is sent with the next {@link #flush}, or earlier.
     *
     * @throws IllegalArgumentException if the message's header is longer than a frame can express, or has too many
     *     keys; then nothing of the message is sent
     */
    public void put(Message message) {
        put(message, message.header().id());
    }

    /**
     * Takes a message, which is sent with another id instead of its own.
     *
     * @param id the id, or {@link dev.parley.frame.Header#NO_ID} for none
     * @throws IllegalArgumentException if the message's header is longer than a frame can express, or has too many
     *     keys; then nothing of the message is sent
     */
    public void put(Message message, long id) {
        put(message, id, writer.lengthOf(message.frame(), id));
    }

    /**
     * Takes a message that must not exceed these limits.
     *
     * @throws IllegalArgumentException if the message's header or content exceeds the limits; then nothing of the
     *     message is sent
     */
    public void put(Message message, long id, FrameLimits limits) {
        int length = writer.lengthOf(message.frame(), id);
        limits.check(length, message.contentLength());
        put(message, id, length);
    }

    private void put(Message message, long id, int length) {
        takenBytes += length;
        if (messageLog != null) {
            messageLog.sent(message, id);
        }
        if (length > HIGH_BYTES) {
            putLong(message.frame(), id, length);
            return;
        }
        if (output.length - count < length) {
            makeRoom(length);
        }
        count = writer.put(message.frame(), id, output, count);
    }

    /**
     * Sends the collected messages, and then a long message. The content of the long message is sent from the arrays
     * that contain it, so that it is not copied.
     */
    private void putLong(Frame frame, long id, int length) {
        flush();
        var header = new byte[length - frame.contentLength()];
        writer.putHeader(frame, id, header, 0);
        ByteBuffer[] content = frame.kept().contentParts(); // a lent content is short, and is copied
        var parts = new ByteBuffer[content.length + 1];
        parts[0] = ByteBuffer.wrap(header);
        System.arraycopy(content, 0, parts, 1, content.length);
        torn = true;
        connection.sendLent(parts);
        torn = false;
    }

    /** Sends a region of a file, as the content of the message that was put last. That message had only a header. */
    void put(SendFile.Region content) {
        flush();
        connection.send(content);
    }

    private void makeRoom(int length) {
        if (count + length > HIGH_BYTES) {
            flush();
        }
        if (count == 0 && shared.user == null) {
            shared.user = this;
            output = shared.bytes;
        } else if (output.length - count < length) {
            int capacity = Math.max(FIRST_BYTES, Math.max(count + length, 2 * output.length));
            output = Arrays.copyOf(output, Math.min(HIGH_BYTES, capacity));
        }
    }

    /** Passes the collected messages to the connection. After this, the output holds no memory. */
    public void flush() {
        byte[] bytes = output;
        int ready = count;
        boolean isShared = shared.user == this; // true if the messages are in the shared array
        discard();
        if (ready > 0) {
            send(isShared ? shared.view.clear().limit(ready) : ByteBuffer.wrap(bytes, 0, ready));
        }
    }

    private void send(ByteBuffer bytes) {
        torn = true;
        connection.send(bytes);
        torn = false;
    }

    /**
     * Returns true if the connection threw an exception while it took bytes. Then it is unknown which bytes were sent.
     */
    public boolean isTorn() {
        return torn;
    }

    /** {@return the total number of bytes of all messages that were put into this output} */
    public long takenBytes() {
        return takenBytes;
    }

    /** Drops the collected messages. */
    public void discard() {
        count = 0;
        output = NONE;
        if (shared.user == this) {
            shared.user = null;
        }
    }

    /**
     * Returns true if so many bytes wait for a slow peer that no more messages should be added. In that case, {@code
     * writable} of the connection's receiver is called later, when the system has taken all queued bytes.
     */
    public boolean isHeldBack() {
        if (connection.queuedBytes() + count >= highBytes) {
            flush();
        }
        boolean isHeldBack = connection.queuedBytes() >= highBytes;
        if (isHeldBack) {
            // Without this request, the connection calls writable only if at least queuedBytesHigh bytes were queued,
            // which may be more than highBytes.
            connection.notifyWhenWritable();
        }
        return isHeldBack;
    }

    /**
     * Changes how many bytes must wait before {@link #isHeldBack} returns true. At first, this number is {@link
     * dev.parley.net.Limits#queuedBytesHigh}.
     *
     * @param bytes the new number, above zero and at most {@code queuedBytesHigh}
     */
    public void heldBackFrom(int bytes) {
        highBytes = bytes;
    }
}
