package dev.parley.link;

import dev.parley.frame.FrameLimits;
import dev.parley.net.EventLoop;

/** What the two directions of a stream need of the connection that they run on. */
public interface StreamLink {
    /** As long as a frame can say. */
    FrameLimits UNLIMITED = new FrameLimits(65_535, Integer.MAX_VALUE);

    /** The loop of the connection; any thread. */
    EventLoop loop();

    /** A direction has something to send, and takes its turn; the loop's thread. */
    void ready(StreamSender sender);

    /** Tells the peer that it may send that many more bytes of a stream; the loop's thread. */
    void grant(long id, int bytes);

    /** How long a message of this side may be; any thread. */
    default FrameLimits limits() {
        return UNLIMITED;
    }
}
