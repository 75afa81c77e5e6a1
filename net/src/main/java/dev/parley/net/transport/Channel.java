package dev.parley.net.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * One connected stream of bytes, as its loop sees it; no method ever waits.
 *
 * <p>The loop's thread calls everything, except that {@link #write} may be called by any one thread at a time: a
 * blocking connection writes from its own virtual thread.
 */
public interface Channel {
    /** Our end, as the system names it. */
    SocketAddress localAddress();

    /** The peer's end; of a channel that is still connecting, the endpoint it connects to. */
    SocketAddress peerAddress();

    /**
     * Writes what can be taken now.
     *
     * @return how many bytes were taken, from 0 to all of them
     * @throws IOException when the connection is broken or closed
     */
    int write(ByteBuffer bytes) throws IOException;

    /** Writes what can be taken now of the first {@code count} buffers, in one call to the system where it can. */
    long write(ByteBuffer[] buffers, int count) throws IOException;

    /** Whether the sink wants to hear {@code received} and {@code ended}; off until it is asked for. */
    void wantRead(boolean wanted);

    /**
     * Reads once, wanted or not, and tells the sink what it found.
     *
     * @return whether bytes were told, so that there may be more
     */
    boolean readNow();

    /** Whether the sink wants to hear {@code writable}; off until it is asked for. */
    void wantWrite(boolean wanted);

    /** Ends our direction: the peer reads the end of the stream after the bytes already taken. */
    void shutdownOutput() throws IOException;

    /** Closes in order: bytes already taken still go out. Harmless when closed before. */
    void close();

    /**
     * Closes abruptly: the peer of a TCP connection gets a reset; on a Unix socket, which has none, an end of stream.
     */
    void reset();
}
