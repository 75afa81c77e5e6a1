package dev.parley.link;

import dev.parley.frame.FrameLimits;
import dev.parley.net.EventLoop;

/** The connection of a stream, as the stream's two directions use it. */
public interface StreamLink {
    /** The limits of the frame format itself. */
    FrameLimits UNLIMITED = new FrameLimits(65_535, Integer.MAX_VALUE);

    /** Returns the loop of the connection; any thread may call it. */
    EventLoop loop();

    /** Notes that a direction has something to send and waits for its turn. Called on the loop's thread. */
    void ready(StreamSender sender);

    /** Grants the peer as many more bytes of a stream. Called on the loop's thread. */
    void grant(long id, int bytes);

    /** Returns the limits on the messages of this side; any thread may call it. */
    default FrameLimits limits() {
        return UNLIMITED;
    }
}
