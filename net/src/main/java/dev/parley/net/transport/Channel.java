package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A channel is one connected stream of bytes, as its loop sees it; no method ever waits.
 *
 * <p>The loop's thread calls everything, except that {@link #write} may be called by any one thread at a time: a
 * blocking connection writes from its own virtual thread.
 */
public interface Channel {
    /** {@return our end, as the system names it} */
    SocketAddress localAddress();

    /** {@return the peer's end; of a channel that is still connecting, the endpoint it connects to} */
    SocketAddress peerAddress();

    /**
     * Writes what can be taken now (write(2) without blocking).
     *
     * @param bytes from its position, which moves by what was taken
     * @return how many bytes were taken, from 0 to all of them
     * @throws IOException if the connection is broken or closed
     */
    int write(ByteBuffer bytes) throws IOException;

    /**
     * Writes what can be taken now, in one call to the system where it can (writev(2)).
     *
     * @param buffers written in order; the position of each moves by what was taken of it
     * @param count how many of them, from the first on
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

    /** The result of {@link #write(FileChannel, long, int)} if the bytes must be read first. */
    int NO_FILES = -1;

    /**
     * Writes what can be taken now of a file, without reading it into this process (sendfile(2)).
     *
     * @param file open for reading
     * @param positionBytes where in it
     * @param countBytes how many bytes at most
     * @return how many bytes were taken, 0 also at the end of the file; {@link #NO_FILES} if this channel cannot do it
     * @throws IOException if the connection is broken or closed, or the file cannot be read
     */
    default int write(FileChannel file, long positionBytes, int countBytes) throws IOException {
        return NO_FILES;
    }

    /**
     * Sets whether {@code received} and {@code ended} of the sink are called; off at first.
     *
     * @param wanted harmless if it is so already, or the channel is closed
     */
    void wantRead(boolean wanted);

    /**
     * Reads once, wanted or not, and passes the sink what it found.
     *
     * @return true if the sink got bytes, so that there may be more
     */
    boolean readNow();

    /**
     * Sets whether {@code writable} of the sink is called; off at first.
     *
     * @param wanted harmless if it is so already, or the channel is closed
     */
    void wantWrite(boolean wanted);

    /** {@return how much memory of this process it takes for bytes that are neither passed to the sink nor sent yet} */
    default long heldBytes() {
        return 0;
    }

    /** The result of {@link #unsentBytes} if the transport does not know it. */
    long UNKNOWN = -1;

    /**
     * {@return how many bytes that this channel has taken have not been taken by the peer's system, or by the peer, yet
     * (SIOCOUTQ in tcp(7) and unix(7)), in any unit that falls as they are taken; {@link #UNKNOWN} if the transport
     * does not know it}
     */
    default long unsentBytes() {
        return UNKNOWN;
    }

    /**
     * Ends our direction: the peer reads the end of the stream after the bytes already taken (shutdown(2)).
     *
     * @throws IOException if the connection is broken or closed
     */
    void shutdownOutput() throws IOException;

    /**
     * Closes in order: bytes already taken still go out, unless the peer has sent some that were not read (RFC 9293,
     * section 3.6.1). The sink is not called any more. Harmless if closed before.
     */
    void close();

    /**
     * Closes abruptly: the peer of a TCP connection gets a reset (SO_LINGER with 0 in socket(7)); on a Unix socket,
     * which has none, an end of stream. The sink is not called any more. Harmless if closed before.
     */
    void reset();
}
