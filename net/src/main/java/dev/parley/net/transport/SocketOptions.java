package dev.parley.net.transport;

/**
 * The options of the sockets that a loop opens, with their defaults.
 *
 * {@snippet :
 * SocketOptions options = SocketOptions.DEFAULT.withBacklog(128).withNoDelay(false);
 * EventLoop loop = EventLoop.builder().socketOptions(options).start();
 * }
 *
 * @param reuseAddress SO_REUSEADDR on listening TCP sockets, so that a restarted server can bind while old connections
 *     are in TIME_WAIT (socket(7)); default true
 * @param noDelay TCP_NODELAY: small messages leave at once instead of waiting for more (tcp(7)); default true
 * @param backlogConnections how many connections the system keeps ready for accept, at least 1 (listen(2)); the kernel
 *     caps it at somaxconn; default 4,096
 * @param receiveBufferBytes SO_RCVBUF, which the kernel doubles (socket(7)); 0, the default, leaves the system's own
 *     sizing
 * @param sendBufferBytes SO_SNDBUF, which the kernel doubles too; 0, the default, leaves the system's own sizing
 */
public record SocketOptions(
        boolean reuseAddress, boolean noDelay, int backlogConnections, int receiveBufferBytes, int sendBufferBytes) {
    /** The defaults that are named above. */
    public static final SocketOptions DEFAULT = new SocketOptions(true, true, 4_096, 0, 0);

    /**
     * Checks the ranges: a backlog of at least 1, buffer sizes of at least 0.
     *
     * @throws IllegalArgumentException if a value is out of its range
     */
    public SocketOptions {
        if (backlogConnections < 1) {
            throw new IllegalArgumentException(
                    "backlogConnections is " + backlogConnections + "; it must be at least 1");
        }
        if (receiveBufferBytes < 0 || sendBufferBytes < 0) {
            throw new IllegalArgumentException("socket buffer sizes are " + receiveBufferBytes + " and "
                    + sendBufferBytes + " bytes; they must be at least 0, and 0 means the system's own");
        }
    }

    /**
     * {@return these options with another backlog}
     *
     * @param connections at least 1
     */
    public SocketOptions withBacklog(int connections) {
        return new SocketOptions(reuseAddress, noDelay, connections, receiveBufferBytes, sendBufferBytes);
    }

    /**
     * {@return these options with other socket buffers}
     *
     * @param receiveBytes in bytes, 0 or more; 0 leaves the system's own sizing
     * @param sendBytes in bytes, 0 or more; 0 leaves the system's own sizing
     */
    public SocketOptions withBuffers(int receiveBytes, int sendBytes) {
        return new SocketOptions(reuseAddress, noDelay, backlogConnections, receiveBytes, sendBytes);
    }

    /**
     * {@return these options with SO_REUSEADDR on or off}
     *
     * @param on whether a listening TCP socket sets it
     */
    public SocketOptions withReuseAddress(boolean on) {
        return new SocketOptions(on, noDelay, backlogConnections, receiveBufferBytes, sendBufferBytes);
    }

    /**
     * {@return these options with TCP_NODELAY on or off}
     *
     * @param on whether small messages leave at once
     */
    public SocketOptions withNoDelay(boolean on) {
        return new SocketOptions(reuseAddress, on, backlogConnections, receiveBufferBytes, sendBufferBytes);
    }
}
