package dev.parley.net.tls;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
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

    /** The data of one record (RFC 8446, section 5.1). */
    private static final int RECORD_DATA_BYTES = 16_384;

    /** The maximum number of records to write in one system call. */
    private static final int RECORDS_MAX = 4;

    /**
     * The maximum number of the engine's own bytes that may wait for a peer that does not read. At this number, further
     * messages of the peer must wait.
     */
    private static final int UNSENT_OWN_BYTES_MAX = 16_384;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TlsPoller poller;
    private @Nullable SSLEngine engine;
    private @Nullable Channel below;

    /** The rest of a record, or of several, that the channel below must take next. Null if there is none. */
    private @Nullable ByteBuffer unsent;

    /**
     * The number of the caller's bytes that are in {@code unsent}, or were in it, and were not reported as taken yet.
     */
    private long untoldBytes;

    /** The approximate number of unsent bytes that are the engine's own, such as answers to key changes. */
    private int unsentOwnBytes;

    private boolean established;

    /** The turn in which the loop's thread has written last. */
    private long loopWroteInTurn = -TURNS_UNTIL_SENT;

    EncryptedOutput(TlsPoller poller) {
        this.poller = poller;
    }

    synchronized void begin(Channel channel, SSLEngine with) {
        below = channel;
        engine = with;
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
        for (long left = remaining(buffers, count); left > 0 && untoldBytes == 0; left = remaining(buffers, count)) {
            long written = writeRecords(buffers, count, left);
            taken += written;
            if (written == 0) {
                break; // the engine had a message of its own to send first, or the channel below took too little
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

    /**
     * Writes a few records. If they were not sent as a whole, the positions of the buffers stay as they are. Returns
     * how many bytes count as taken.
     */
    private long writeRecords(ByteBuffer[] buffers, int count, long left) throws IOException {
        var before = new int[count];
        for (int i = 0; i < count; i++) {
            before[i] = buffers[i].position();
        }
        SSLEngine with = engine();
        int recordBytes = with.getSession().getPacketBufferSize();
        int records = (int) Math.min(RECORDS_MAX, 1 + left / RECORD_DATA_BYTES);
        ByteBuffer encrypted = poller.buffers().take(records * recordBytes);
        try {
            long consumed = 0;
            while (consumed < left && encrypted.remaining() >= recordBytes) {
                SSLEngineResult result = with.wrap(buffers, 0, count, encrypted);
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    throw new ClosedChannelException();
                }
                consumed += result.bytesConsumed();
                if (result.bytesConsumed() == 0) {
                    break;
                }
            }
            send(encrypted.flip());
            if (unsent == null) {
                return consumed;
            }
            untoldBytes = consumed;
            for (int i = 0; i < count; i++) {
                buffers[i].position(before[i]);
            }
            return 0;
        } finally {
            poller.buffers().give(encrypted);
        }
    }

    private static long remaining(ByteBuffer[] buffers, int count) {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += buffers[i].remaining();
        }
        return bytes;
    }

    /**
     * Writes the engine's own records: a handshake message, an alert, or the end of our direction.
     *
     * @return true if there was something to say
     */
    synchronized boolean writeOwn() throws IOException {
        SSLEngine with = engine();
        ByteBuffer record = poller.buffers().take(with.getSession().getPacketBufferSize());
        try {
            SSLEngineResult result = with.wrap(NOTHING, record);
            send(record.flip());
            unsentOwnBytes = unsent == null ? 0 : unsentOwnBytes + result.bytesProduced();
            return result.bytesProduced() > 0 || result.getHandshakeStatus() == HandshakeStatus.FINISHED;
        } finally {
            poller.buffers().give(record);
        }
    }

    /** Ends our direction: writes the record that says so (close_notify). */
    synchronized void end() throws IOException {
        SSLEngine with = engine();
        with.closeOutbound();
        while (!with.isOutboundDone() && writeOwn()) {}
    }

    /** Ends our direction, and closes the channel below after that. Called on the loop's thread. */
    void close() {
        Channel channel = Objects.requireNonNull(below);
        try {
            end();
        } catch (IOException broken) {
            channel.close(); // the peer is gone, or reads an end that is not announced
            return;
        }
        ByteBuffer rest = takeUnsent();
        if (rest == null) {
            channel.close();
        } else {
            channel.close(rest);
        }
    }

    private synchronized @Nullable ByteBuffer takeUnsent() {
        ByteBuffer rest = unsent;
        unsent = null;
        return rest;
    }

    /**
     * Writes records behind the unsent ones, and keeps a copy of the bytes that were not taken, so the buffer can be
     * reused.
     */
    private void send(ByteBuffer records) throws IOException {
        ByteBuffer before = unsent;
        if (before == null) {
            writeBelow(records);
        }
        if (records.hasRemaining()) {
            int length = records.remaining() + (before == null ? 0 : before.remaining());
            ByteBuffer rest = ByteBuffer.allocate(length);
            if (before != null) {
                rest.put(before);
            }
            unsent = rest.put(records).flip();
        }
    }

    /** Writes the rest of earlier records. Returns true if nothing is left. */
    synchronized boolean flush() throws IOException {
        ByteBuffer rest = unsent;
        if (rest != null) {
            writeBelow(rest);
            if (!rest.hasRemaining()) {
                unsent = null;
                unsentOwnBytes = 0;
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

    /** Returns true if the peer lets our answers wait, so that nothing more of it should be decrypted. */
    synchronized boolean isHeldBack() {
        return unsentOwnBytes >= UNSENT_OWN_BYTES_MAX;
    }

    synchronized boolean hasUnsent() {
        return unsent != null;
    }

    synchronized long heldBytes() {
        return unsent == null ? 0 : unsent.capacity();
    }

    private SSLEngine engine() throws IOException {
        SSLEngine begun = engine;
        if (begun == null) {
            throw new ClosedChannelException();
        }
        return begun;
    }

    private Channel below() throws IOException {
        Channel open = below;
        if (open == null) {
            throw new ClosedChannelException();
        }
        return open;
    }
}
