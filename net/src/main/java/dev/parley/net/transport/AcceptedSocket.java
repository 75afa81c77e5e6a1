package dev.parley.net.transport;

/**
 * An accepted socket is a connection that was accepted and belongs to no loop yet. Exactly one of its two methods must
 * be called.
 */
public interface AcceptedSocket {
    /**
     * Makes the socket a channel of a loop. Called on that loop's thread.
     *
     * @param poller the loop's poller, which must be of the transport that accepted the socket
     * @param sink the sink whose {@link AcceptSink#accepted} is called with the channel, unless the peer has already
     *     gone
     */
    void join(Poller poller, AcceptSink sink);

    /** Closes the socket, because no loop takes it. Any thread may call this method. */
    void refuse();
}
