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
 * What leaves on one connection: messages that are ready together leave together, in one system call. Runs on the
 * loop's thread.
 */
public final class MessageOutput {
    private static final int FIRST_BYTES = 1024;

    /**
     * Collected messages are sent on from here, so that a flood of small requests needs no large buffer. The longest
     * header that there can be fits.
     */
    private static final int HIGH_BYTES = 64 * 1024 + 2;

    private static final byte[] NONE = {};

    /** One for each loop: nearly always, the connection that collects has flushed before another one begins. */
    private static final ThreadLocal<Shared> SHARED = ThreadLocal.withInitial(Shared::new);

    private static final class Shared {
        final byte[] bytes = new byte[HIGH_BYTES];
        final ByteBuffer view = ByteBuffer.wrap(bytes);

        @Nullable
        MessageOutput user;
    }

    private final LoopConnection connection;
    private final @Nullable MessageLog messageLog;
    private final FrameWriter writer = new FrameWriter();
    private final Shared shared = SHARED.get();
    private byte[] output = NONE;
    private int count;
    private long takenBytes;
    private int highBytes;
    private boolean torn;

    /**
     * The output of one connection, made on the thread of its loop.
     *
     * @param messageLog told each message; null if nobody reads it
     */
    public MessageOutput(LoopConnection connection, @Nullable MessageLog messageLog) {
        this.connection = connection;
        this.messageLog = messageLog;
        this.highBytes = connection.loop().limits().queuedBytesHigh();
    }

    /**
     * Takes a message; it leaves with the next {@link #flush}, or before.
     *
     * @throws IllegalArgumentException when its header is longer than a frame can say; then nothing of it leaves
     */
    public void put(Message message) {
        put(message, message.header().id());
    }

    /**
     * The same, with another id than the message's own.
     *
     * @param id {@link dev.parley.frame.Header#NO_ID} for none
     * @throws IllegalArgumentException when its header is longer than a frame can say; then nothing of it leaves
     */
    public void put(Message message, long id) {
        put(message, id, writer.lengthOf(message.frame(), id));
    }

    /**
     * The same, for a message that must keep to limits.
     *
     * @throws IllegalArgumentException when its header or content is longer than that; then nothing of it leaves
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

    /** From where its parts stand, behind what is collected: nothing of it is copied, and it is judged as one. */
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

    /** The content of the message that was put last, where that is its header alone. */
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

    /** Gives what was collected to the connection; between messages it holds nothing. */
    public void flush() {
        byte[] bytes = output;
        int ready = count;
        boolean isShared = shared.user == this; // then it is the shared array that was filled
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

    /** Whether the connection threw while it took bytes: nobody knows which of them left. */
    public boolean isTorn() {
        return torn;
    }

    /** {@return how many bytes of messages it has been given, in all} */
    public long takenBytes() {
        return takenBytes;
    }

    /** Forgets what was collected; its connection is gone. */
    public void discard() {
        count = 0;
        output = NONE;
        if (shared.user == this) {
            shared.user = null;
        }
    }

    /**
     * Whether so much waits for a slow peer that nothing further should be added; its receiver hears {@code writable}.
     */
    public boolean isHeldBack() {
        if (connection.queuedBytes() + count >= highBytes) {
            flush();
        }
        boolean isHeldBack = connection.queuedBytes() >= highBytes;
        if (isHeldBack) {
            connection.tellWhenWritable(); // it tells by itself only from the limits' mark on
        }
        return isHeldBack;
    }

    /**
     * Changes how much that is; at first it is {@link dev.parley.net.Limits#queuedBytesHigh}.
     *
     * @param bytes above zero, and that at most
     */
    public void heldBackFrom(int bytes) {
        highBytes = bytes;
    }
}
