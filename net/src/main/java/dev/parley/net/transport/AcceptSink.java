package dev.parley.net.transport;

import java.io.IOException;

/** An accept sink is called by a listening channel, on the loop's thread only. */
public interface AcceptSink {
    /**
     * The most connections that a channel accepts in one turn of the loop, so that a crowd does not hold up those that
     * are connected.
     */
    int ACCEPTS_PER_TURN = 16;

    /**
     * A peer connected (accept(2)) to a socket that several loops may share; the sink has it join one of them, now or
     * on that loop's thread. A channel that cannot give its peers to other loops calls {@link #accepted} at once.
     *
     * @param acceptedSocket joins a loop, or is refused
     */
    void acceptedSocket(AcceptedSocket acceptedSocket);

    /**
     * A peer has become a connection of this loop.
     *
     * @param channel the connection, open; it is not read yet
     * @return the sink of what happens on the channel
     */
    ChannelSink accepted(Channel channel);

    /**
     * Accepting failed, most often because the process has no file descriptor left. The peers wait in the backlog, so
     * the system would report them ready without end: the sink turns accepting off for a while.
     *
     * @param cause what the system said
     */
    void acceptFailed(IOException cause);
}
