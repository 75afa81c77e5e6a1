package dev.parley.net.tls;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import org.jspecify.annotations.Nullable;

/**
 * The outgoing direction of one connection: encrypts bytes into records, and keeps a record that the channel below did
 * not take as a whole. A thread that writes blocking and the loop's thread, which answers the peer's handshake
 * messages, use it at the same time, so each method holds the lock of this object.
 *
 * <p>Over io_uring, what the loop's thread writes leaves in the next turn, while another thread writes at once. Records
 * must leave in their order, so another thread does not write in such a moment.
 *
 * <p>The bytes of a record count as taken only when the whole record was taken. Until then, the caller offers the same
 * bytes again, as it does after each short write.
 */
final class EncryptedOutput {
    private static final int TURNS_UNTIL_SENT = 2;

    private final SSLEngine engine;
    private final TlsPoller poller;
    private @Nullable Channel below;

    /** The rest of a record, or of several, that the channel below must take next. Null if there is none. */
    private @Nullable ByteBuffer unsent;

    /** How many bytes of the caller are in {@code unsent}, or were in it, and were not reported as taken yet. */
    private long untoldBytes;

    private boolean established;

    /** The turn in which the loop's thread has written last. */
    private long loopWroteInTurn = -TURNS_UNTIL_SENT;

    EncryptedOutput(SSLEngine engine, TlsPoller poller) {
        this.engine = engine;
        this.poller = poller;
    }

    synchronized void begin(Channel channel) {
        below = channel;
    }

    synchronized void established() {
        established = true;
    }

    /** Encrypts and writes bytes of the caller; see {@link Channel#write(ByteBuffer[], int)}. */
    synchronized long write(ByteBuffer[] buffers, int count) throws IOException {
        if (!established || !mayWrite() || !flush()) {
            return 0;
        }
        long taken = takeUntold(buffers, count);
        while (remaining(buffers, count) > 0 && untoldBytes == 0) {
            untoldBytes = writeRecord(buffers, count);
            if (unsent == null) {
                taken += takeUntold(buffers, count);
            }
        }
        return taken;
    }

    private boolean mayWrite() {
        return poller.isOwnThread() || poller.turns() >= loopWroteInTurn + TURNS_UNTIL_SENT;
    }

    /** Moves the positions of the buffers behind the bytes of records that were sent. */
    private long takeUntold(ByteBuffer[] buffers, int count) {
        long taken = 0;
        for (int i = 0; i < count && untoldBytes > 0; i++) {
            int bytes = (int) Math.min(untoldBytes, buffers[i].remaining());
            buffers[i].position(buffers[i].position() + bytes);
            untoldBytes -= bytes;
            taken += bytes;
        }
        return taken;
    }

    /** Writes one record, and leaves the positions of the buffers as they are. Returns how many bytes are in it. */
    private int writeRecord(ByteBuffer[] buffers, int count) throws IOException {
        var copies = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            copies[i] = buffers[i].duplicate();
        }
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = engine.wrap(copies, 0, count, record);
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new ClosedChannelException();
        }
        send(record.flip());
        return result.bytesConsumed();
    }

    private static long remaining(ByteBuffer[] buffers, int count) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += buffers[i].remaining();
        }
        return bytes;
    }

    /**
     * Writes what the engine has to say without bytes of the caller: a handshake message, an alert, or the end of our
     * direction.
     *
     * @return true if there was something to say
     */
    synchronized boolean writeOwn() throws IOException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), record);
        send(record.flip());
        return result.bytesProduced() > 0;
    }

    /** Ends our direction: writes the record that says so (close_notify). */
    synchronized void end() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone() && writeOwn()) {}
    }

    private void send(ByteBuffer record) throws IOException {
        ByteBuffer before = unsent;
        if (before != null) {
            unsent = ByteBuffer.allocate(before.remaining() + record.remaining())
                    .put(before)
                    .put(record)
                    .flip();
            return;
        }
        writeBelow(record);
        if (record.hasRemaining()) {
            unsent = record;
        }
    }

    /** Writes the rest of earlier records. Returns true if nothing is left. */
    synchronized boolean flush() throws IOException {
        ByteBuffer rest = unsent;
        if (rest != null) {
            writeBelow(rest);
            if (!rest.hasRemaining()) {
                unsent = null;
            }
        }
        return unsent == null;
    }

    private void writeBelow(ByteBuffer bytes) throws IOException {
        below().write(bytes);
        if (poller.isOwnThread()) {
            loopWroteInTurn = poller.turns();
        }
    }

    synchronized boolean hasUnsent() {
        return unsent != null;
    }

    synchronized long heldBytes() {
        return unsent == null ? 0 : unsent.capacity();
    }

    private Channel below() throws IOException {
        Channel open = below;
        if (open == null) {
            throw new ClosedChannelException();
        }
        return open;
    }
}
