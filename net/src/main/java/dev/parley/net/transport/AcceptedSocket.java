package dev.parley.net.transport;

/** A peer that a listening channel has accepted, and that belongs to no loop yet; one of the two ends that. */
public interface AcceptedSocket {
    /**
     * Makes it a channel of a loop. On that loop's thread.
     *
     * @param poller the loop's, of the transport that accepted
     * @param sink told of the channel by {@link AcceptSink#accepted}; of a peer that is gone already, nothing
     */
    void join(Poller poller, AcceptSink sink);

    /** Closes it, as no loop takes it. Any thread. */
    void refuse();
}
