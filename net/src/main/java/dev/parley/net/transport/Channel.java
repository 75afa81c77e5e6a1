package dev.parley.net.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * A channel is one connected stream of bytes, as its loop sees it. No method waits.
 *
 * <p>All methods are called on the loop's thread, except {@link #write}: any thread may call it, but only one at a
 * time. A blocking connection writes from its own virtual thread.
 */
public interface Channel {
    /** {@return the address of our end, as the system reports it} */
    SocketAddress localAddress();

    /** {@return the address of the peer's end; while the channel is connecting, the endpoint that it connects to} */
    SocketAddress peerAddress();

    /**
     * Writes as many bytes as can be taken now (write(2) without blocking).
     *
     * @param bytes the bytes, from the buffer's position on; the position moves by the number of bytes that were taken
     * @return how many bytes were taken, from 0 to all of them
     * @throws IOException if the connection is broken or closed
     */
    int write(ByteBuffer bytes) throws IOException;

    /**
     * {@return the verified certificates that lead from the peer's own one, which is the first, to an authority; empty
     * if it has shown none} Any thread may call this method.
     */
    default List<X509Certificate> peerCertificates() {
        return List.of();
    }

    /**
     * {@return who the process at the other end of a Unix socket is; empty for other sockets, and if the system does
     * not say it} Any thread may call this method.
     */
    default Optional<PeerCredentials> peerCredentials() {
        return Optional.empty();
    }

    /**
     * {@return the address of the client, as a trusted proxy in front of this server claims it; empty if there is no
     * such proxy, or the connection is its own} Any thread may call this method.
     */
    default Optional<InetSocketAddress> claimedAddress() {
        return Optional.empty();
    }

    /**
     * {@return whether the peer is a proxy that passes on the connection of a client, even if it cannot say whose} Any
     * thread may call this.
     */
    default boolean isPassedOn() {
        return claimedAddress().isPresent();
    }

    /**
     * {@return whether the peer may send bytes at any time, even if the layers above expect none, such as the session
     * tickets of TLS (RFC 8446, section 4.6.1)} A plain close answers such bytes with a reset. Any thread may call
     * this.
     */
    default boolean peerSendsUnasked() {
        return false;
    }

    /**
     * Writes as many bytes as can be taken now, in one system call if that is possible (writev(2)).
     *
     * @param buffers the buffers, which are written in order; the position of each moves by the number of bytes that
     *     were taken from it
     * @param count how many of the buffers to write, from the first on
     * @return how many bytes were taken, from 0 to all of them
     * @throws IOException if the connection is broken or closed
     */
    default long write(ByteBuffer[] buffers, int count) throws IOException {
        long written = 0;
        for (int i = 0; i < count; i++) {
            written += write(buffers[i]);
            if (buffers[i].hasRemaining()) {
                break;
            }
        }
        return written;
    }

    /** The result of {@link #write(FileChannel, long, int)} if the caller must read the bytes of the file first. */
    int NO_FILES = -1;

    /**
     * Writes as many bytes of a file as can be taken now, without reading them into this process (sendfile(2)).
     *
     * @param file the file, open for reading
     * @param positionBytes the offset of the first byte in the file
     * @param countBytes the maximum number of bytes
     * @return how many bytes were taken, which is 0 also at the end of the file; {@link #NO_FILES} if this channel
     *     cannot write files
     * @throws IOException if the connection is broken or closed, or the file cannot be read
     */
    default int write(FileChannel file, long positionBytes, int countBytes) throws IOException {
        return NO_FILES;
    }

    /**
     * Sets whether {@code received} and {@code ended} of the sink are called. At first, they are not called.
     *
     * @param wanted true to call them; no effect if the value is already set, or the channel is closed
     */
    void wantRead(boolean wanted);

    /**
     * Reads once, even if {@link #wantRead} is off, and passes the result to the sink.
     *
     * @return true if the sink got bytes, so that there may be more
     */
    boolean readNow();

    /**
     * Sets whether {@code writable} of the sink is called. At first, it is not called.
     *
     * @param wanted true to call it; no effect if the value is already set, or the channel is closed
     */
    void wantWrite(boolean wanted);

    /**
     * {@return how much memory of this process the channel holds, for bytes that it has received and not passed to the
     * sink, or taken and not sent}
     */
    default long heldBytes() {
        return 0;
    }

    /** The result of {@link #unsentBytes} if the transport does not know the number. */
    long UNKNOWN = -1;

    /**
     * {@return how many of the bytes that were written to this channel have not been taken yet by the peer's system, or
     * by the peer (SIOCOUTQ in tcp(7) and unix(7)); {@link #UNKNOWN} if the transport does not know it} The value may
     * have any unit, as long as it falls when bytes are taken.
     */
    default long unsentBytes() {
        return UNKNOWN;
    }

    /**
     * Ends our direction of the stream (shutdown(2)). The peer reads the bytes that this channel has already taken, and
     * then the end of the stream.
     *
     * @throws IOException if the connection is broken or closed
     */
    void shutdownOutput() throws IOException;

    /**
     * Closes gracefully. Bytes that this channel has already taken are still sent, unless the peer has sent bytes that
     * were not read (RFC 9293, section 3.6.1). The sink is not called any more. No effect if the channel is already
     * closed.
     */
    void close();

    /**
     * Closes as {@link #close()} does, and sends these bytes before, if the peer takes them in time.
     *
     * @param last a few bytes, which this method may keep
     */
    default void close(ByteBuffer last) {
        try {
            write(last);
        } catch (IOException broken) {
            // The peer is gone, or reads an end without these bytes.
        } finally {
            close();
        }
    }

    /**
     * Closes abruptly. Over TCP, the peer gets a reset (SO_LINGER with 0 in socket(7)). Over a Unix socket, which has
     * no reset, the peer gets an end of stream. The sink is not called any more. No effect if the channel is already
     * closed.
     */
    void reset();
}
