package dev.parley.net.transport;

/** An accepted socket belongs to no loop yet; either of the two methods ends that. */
public interface AcceptedSocket {
    /**
     * Makes it a channel of a loop. On that loop's thread.
     *
     * @param poller the loop's poller, of the transport that accepted
     * @param sink gets the channel by {@link AcceptSink#accepted}; not called if the peer is gone already
     */
    void join(Poller poller, AcceptSink sink);

    /** Closes it, as no loop takes it. Any thread. */
    void refuse();
}
