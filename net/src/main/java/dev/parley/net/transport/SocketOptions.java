package dev.parley.net.transport;

/**
 * The options of the sockets that a loop opens, with their defaults. Immutable.
 *
 * {@snippet :
 * SocketOptions options = SocketOptions.DEFAULT.withBacklog(128).withNoDelay(false);
 * EventLoop loop = EventLoop.builder().socketOptions(options).start();
 * }
 */
public final class SocketOptions {
    /** The defaults that the methods below name. */
    public static final SocketOptions DEFAULT = new SocketOptions(true, true, 4_096, 0, 0, UnixAccess.OWNER);

    private final boolean reuseAddress;
    private final boolean noDelay;
    private final int backlogConnections;
    private final int receiveBufferBytes;
    private final int sendBufferBytes;
    private final UnixAccess unixAccess;

    private SocketOptions(
            boolean reuseAddress,
            boolean noDelay,
            int backlogConnections,
            int receiveBufferBytes,
            int sendBufferBytes,
            UnixAccess unixAccess) {
        this.reuseAddress = reuseAddress;
        this.noDelay = noDelay;
        this.backlogConnections = backlogConnections;
        this.receiveBufferBytes = receiveBufferBytes;
        this.sendBufferBytes = sendBufferBytes;
        this.unixAccess = unixAccess;
    }

    /**
     * {@return true if listening TCP sockets have SO_REUSEADDR, so that a restarted server can bind while old
     * connections are in TIME_WAIT (socket(7)); default true}
     */
    public boolean reuseAddress() {
        return reuseAddress;
    }

    /**
     * {@return these options with SO_REUSEADDR on or off}
     *
     * @param on whether a listening TCP socket sets it
     */
    public SocketOptions withReuseAddress(boolean on) {
        return new SocketOptions(on, noDelay, backlogConnections, receiveBufferBytes, sendBufferBytes, unixAccess);
    }

    /**
     * {@return true if TCP_NODELAY is set: small messages leave at once instead of waiting for more (tcp(7)); default
     * true}
     */
    public boolean noDelay() {
        return noDelay;
    }

    /**
     * {@return these options with TCP_NODELAY on or off}
     *
     * @param on whether small messages leave at once
     */
    public SocketOptions withNoDelay(boolean on) {
        return new SocketOptions(reuseAddress, on, backlogConnections, receiveBufferBytes, sendBufferBytes, unixAccess);
    }

    /**
     * {@return how many connections the system keeps ready for accept; at least 1 (listen(2)); default 4,096} The
     * kernel caps the number at somaxconn.
     */
    public int backlogConnections() {
        return backlogConnections;
    }

    /**
     * {@return these options with another backlog}
     *
     * @param connections at least 1
     * @throws IllegalArgumentException if the number is below 1
     */
    public SocketOptions withBacklog(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException("backlogConnections is " + connections + "; it must be at least 1");
        }
        return new SocketOptions(reuseAddress, noDelay, connections, receiveBufferBytes, sendBufferBytes, unixAccess);
    }

    /**
     * {@return SO_RCVBUF in bytes, which the kernel doubles (socket(7)); 0, the default, leaves the system's own
     * sizing}
     */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /**
     * {@return SO_SNDBUF in bytes, which the kernel doubles (socket(7)); 0, the default, leaves the system's own
     * sizing}
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * {@return these options with other socket buffers}
     *
     * @param receiveBytes in bytes, 0 or more; 0 leaves the system's own sizing
     * @param sendBytes in bytes, 0 or more; 0 leaves the system's own sizing
     * @throws IllegalArgumentException if one of them is negative
     */
    public SocketOptions withBuffers(int receiveBytes, int sendBytes) {
        if (receiveBytes < 0 || sendBytes < 0) {
            throw new IllegalArgumentException("socket buffer sizes are " + receiveBytes + " and " + sendBytes
                    + " bytes; they must be at least 0, and 0 means the system's own");
        }
        return new SocketOptions(reuseAddress, noDelay, backlogConnections, receiveBytes, sendBytes, unixAccess);
    }

    /** {@return who may connect to listening Unix sockets; by default the user of this process alone} */
    public UnixAccess unixAccess() {
        return unixAccess;
    }

    /**
     * {@return these options with another access to listening Unix sockets}
     *
     * @param access never null
     */
    public SocketOptions withUnixAccess(UnixAccess access) {
        return new SocketOptions(
                reuseAddress, noDelay, backlogConnections, receiveBufferBytes, sendBufferBytes, access);
    }
}
