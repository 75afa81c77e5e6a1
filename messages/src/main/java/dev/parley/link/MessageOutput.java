package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameWriter;
import dev.parley.net.FileRegion;
import dev.parley.net.LoopConnection;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing messages of one connection. Messages that are ready together are sent together, in one system call. Runs
 * on the loop's thread.
 */
public final class MessageOutput {
    private static final int FIRST_BYTES = 1024;

    /**
     * The number of collected bytes from which on they are sent, so that a flood of small requests needs no large
     * buffer. The longest possible header fits.
     */
    private static final int HIGH_BYTES = 64 * 1024 + 2;

    private static final byte[] NONE = {};

    /**
     * What the connections of a loop share: the headers that were written last, and a buffer, since nearly always a
     * connection has flushed it before another one begins.
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
     * Makes the output of one connection; called on the thread of its loop.
     *
     * @param messageLog the log of the messages, or null
     */
    public MessageOutput(LoopConnection connection, @Nullable MessageLog messageLog) {
        this.connection = connection;
        this.messageLog = messageLog;
        this.shared = connection.loop().shared(Shared.class, Shared::new, _ -> {});
        this.writer = shared.writer;
        this.highBytes = connection.loop().limits().queuedBytesHigh();
    }

    /**
     * Takes a message; it is sent with the next {@link #flush}, or before.
     *
     * @throws IllegalArgumentException if its header is longer than a frame can express; then nothing of it is sent
     */
    public void put(Message message) {
        put(message, message.header().id());
    }

    /**
     * Takes a message, and sends it with an id other than its own.
     *
     * @param id the id, or {@link dev.parley.frame.Header#NO_ID} for none
     * @throws IllegalArgumentException if its header is longer than a frame can express; then nothing of it is sent
     */
    public void put(Message message, long id) {
        put(message, id, writer.lengthOf(message.frame(), id));
    }

    /**
     * Takes a message that must not exceed these limits.
     *
     * @throws IllegalArgumentException if its header or content exceeds them; then nothing of it is sent
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
     * Sends a long message after the collected ones, from the arrays that hold its parts, so that nothing is copied.
     */
    private void putLong(Frame frame, long id, int length) {
        flush();
        var header = new byte[length - frame.contentLength()];
        writer.putHeader(frame, id, header, 0);
        ByteBuffer[] content = frame.kept().contentParts(); // a reader's array is small, but the header may be long
        var parts = new ByteBuffer[content.length + 1];
        parts[0] = ByteBuffer.wrap(header);
        System.arraycopy(content, 0, parts, 1, content.length);
        torn = true;
        connection.sendLent(parts);
        torn = false;
    }

    /** Sends a file region as the content of the message that was put last, which was only a header. */
    void put(FileRegion content) {
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

    /** Passes the collected messages to the connection; afterwards this output holds no memory. */
    public void flush() {
        byte[] bytes = output;
        int ready = count;
        boolean isShared = shared.user == this; // then the shared array was filled
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
     * Returns true if the connection threw an exception while it took bytes, so that it is unknown which of them were
     * sent.
     */
    public boolean isTorn() {
        return torn;
    }

    /** {@return the total number of bytes of messages that were put} */
    public long takenBytes() {
        return takenBytes;
    }

    /** Drops the collected messages, since the connection is gone. */
    public void discard() {
        count = 0;
        output = NONE;
        if (shared.user == this) {
            shared.user = null;
        }
    }

    /**
     * Returns true if as many bytes wait for a slow peer that no more should be added; then {@code writable} of the
     * receiver is called later.
     */
    public boolean isHeldBack() {
        if (connection.queuedBytes() + count >= highBytes) {
            flush();
        }
        boolean isHeldBack = connection.queuedBytes() >= highBytes;
        if (isHeldBack) {
            connection.tellWhenWritable(); // it does so by itself only above the mark of the limits
        }
        return isHeldBack;
    }

    /**
     * Changes the number of waiting bytes from which on {@link #isHeldBack} is true; at first it is {@link
     * dev.parley.net.Limits#queuedBytesHigh}.
     *
     * @param bytes above zero, and at most that value
     */
    public void heldBackFrom(int bytes) {
        highBytes = bytes;
    }
}
