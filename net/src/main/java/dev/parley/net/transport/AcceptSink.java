package dev.parley.net.transport;

import java.io.IOException;

/** What a listening channel tells the layer above; called on the loop's thread only. */
public interface AcceptSink {
    /**
     * A peer connected.
     *
     * @return who is told what happens on the channel
     */
    ChannelSink accepted(Channel channel);

    /**
     * Accepting failed, most often because the process has no file descriptor left. The peers wait in the backlog, so
     * the system would report them ready without end: the sink turns accepting off for a while.
     */
    void acceptFailed(IOException cause);
}
