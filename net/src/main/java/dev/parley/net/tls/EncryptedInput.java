package dev.parley.net.tls;

import dev.parley.net.transport.ChannelSink;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The incoming direction of one connection: keeps the bytes that have arrived until they are wanted, and decrypts their
 * records for the layer above. Used on the loop's thread.
 */
final class EncryptedInput {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /**
     * The number of records without data that a peer may send after the handshake, beyond those that its data allows.
     * Each one costs more than its bytes, most of all a key change (RFC 8446, section 4.6.3).
     */
    private static final int EMPTY_RECORDS_MAX = 64;

    /** For each of these bytes of data, one more record without data may come. */
    private static final int BYTES_PER_EMPTY_RECORD = 256;

    /**
     * The number of records of the largest size to decrypt at once, so that a large content is delivered in few pieces.
     */
    private static final int RECORDS_MAX = 8;

    /**
     * Fewer bytes than these are appended to the incomplete record that they follow. The two are not copied into a new
     * buffer, because a peer may send single bytes.
     */
    private static final int FEW_BYTES = 1024;

    private final TlsPoller poller;
    private @Nullable SSLEngine engine;

    /** The bytes that have arrived and are not decrypted yet. */
    private ByteBuffer unread = NOTHING;

    /**
     * The bytes that have arrived just now, behind those that were unread. They are in a buffer of the loop, on the
     * heap: from there the JDK decrypts faster than from the memory in which they arrive, by more than the cost of a
     * copy.
     */
    private ByteBuffer arriving = NOTHING;

    private boolean cleared;
    private boolean delivering;
    private boolean delivered;
    private int emptyRecords;

    /** The data that has not yet paid for an empty record. */
    private long dataBytes;

    EncryptedInput(TlsPoller poller) {
        this.poller = poller;
    }

    void begin(SSLEngine with) {
        engine = with;
    }

    /** Takes bytes that arrive. {@link #settle} must be called when what can be read of them was read. */
    void arrive(ByteBuffer bytes) {
        if (unread.hasRemaining() && bytes.remaining() < FEW_BYTES) {
            keep(bytes);
            return;
        }
        arriving = poller.buffers()
                .take(unread.remaining() + bytes.remaining())
                .put(unread)
                .put(bytes)
                .flip();
        unread = NOTHING;
    }

    /** Keeps the arrived bytes that were not read, and gives their buffer back to the loop. */
    void settle() {
        ByteBuffer read = arriving;
        arriving = NOTHING;
        if (read.hasRemaining() && !cleared) {
            unread = ByteBuffer.allocate(read.remaining()).put(read).flip();
        }
        poller.buffers().give(read); // which takes none that is not its own
    }

    /** Drops all bytes that have arrived or will arrive. */
    void clear() {
        cleared = true;
        unread = NOTHING;
        arriving.position(arriving.limit());
    }

    /** Returns the bytes that are not decrypted yet. */
    ByteBuffer encrypted() {
        return unread.hasRemaining() ? unread : arriving;
    }

    long heldBytes() {
        return unread.capacity();
    }

    /** Returns true while the layer above is called with bytes, so it must not be called again. */
    boolean isDelivering() {
        return delivering;
    }

    /** Returns true if bytes were delivered since {@link #expectBytes} was called. */
    boolean hasDelivered() {
        return delivered;
    }

    void expectBytes() {
        delivered = false;
    }

    /** Keeps the bytes behind those that wait already. The buffer at least doubles, so single bytes cost little. */
    private void keep(ByteBuffer bytes) {
        int length = unread.remaining() + bytes.remaining();
        if (unread.capacity() - unread.limit() < bytes.remaining()) {
            unread = ByteBuffer.allocate(Math.max(length, Math.min(2 * unread.capacity(), length + 16_384)))
                    .put(unread)
                    .put(bytes)
                    .flip();
        } else {
            int at = unread.limit();
            unread.limit(at + bytes.remaining()).put(at, bytes, bytes.position(), bytes.remaining());
            bytes.position(bytes.limit());
        }
    }

    /**
     * Decrypts the records that have arrived, as many as one buffer holds, and delivers their data.
     *
     * @param established whether the handshake has ended, so that there can be data
     * @param sink the layer above; null during the handshake of an accepted connection
     * @return what the engine said last; null if there is nothing to decrypt now
     */
    @Nullable
    SSLEngineResult decrypt(boolean established, @Nullable ChannelSink sink) throws SSLException {
        ByteBuffer from = encrypted();
        SSLEngine with = engine;
        if (!from.hasRemaining() || delivering || with == null) {
            return null;
        }
        int dataBytes = with.getSession().getApplicationBufferSize();
        ByteBuffer plain = poller.buffers().take(dataBytes * Math.min(RECORDS_MAX, 1 + from.remaining() / dataBytes));
        SSLEngineResult result = null;
        SSLException broken = null;
        try {
            do {
                result = with.unwrap(from, plain);
                count(result, established);
            } while (established && hasMore(result, from) && plain.remaining() >= dataBytes);
        } catch (SSLException e) {
            broken = e; // thrown after the bytes that came before it
        }
        deliver(plain, sink);
        if (broken != null) {
            throw broken;
        }
        return result;
    }

    private void deliver(ByteBuffer plain, @Nullable ChannelSink sink) {
        delivering = true;
        try {
            if (!unread.hasRemaining()) {
                unread = NOTHING;
            }
            if (plain.flip().hasRemaining()) {
                delivered = true;
                Objects.requireNonNull(sink).received(plain.asReadOnlyBuffer());
            }
        } finally {
            delivering = false;
            poller.buffers().give(plain);
        }
    }

    /** Returns whether the next record of data can be decrypted behind this one. */
    private boolean hasMore(SSLEngineResult result, ByteBuffer from) {
        return result.getStatus() == SSLEngineResult.Status.OK
                && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && result.bytesProduced() > 0
                && from.hasRemaining();
    }

    private void count(SSLEngineResult result, boolean established) throws SSLException {
        if (result.bytesProduced() > 0) {
            dataBytes += result.bytesProduced();
            emptyRecords = Math.max(0, emptyRecords - (int) (dataBytes / BYTES_PER_EMPTY_RECORD));
            dataBytes %= BYTES_PER_EMPTY_RECORD;
        } else if (established && result.bytesConsumed() > 0) {
            emptyRecords++;
            if (emptyRecords > EMPTY_RECORDS_MAX) {
                throw new SSLException("the peer has sent more than " + EMPTY_RECORDS_MAX
                        + " records without data, such as changes of keys");
            }
        }
    }
}
