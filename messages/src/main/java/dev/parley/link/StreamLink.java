package dev.parley.link;

import dev.parley.frame.FrameLimits;
import dev.parley.net.EventLoop;

/** The connection of a stream, with the methods that the stream's two directions need. */
public interface StreamLink {
    /** The limits of the frame format itself. */
    FrameLimits UNLIMITED =
            FrameLimits.DEFAULT.withHeaderBytesMax(65_535).withContentBytesMax(FrameLimits.CONTENT_BYTES_MAX);

    /** Returns the loop of the connection. Any thread may call this. */
    EventLoop loop();

    /** Called on the loop's thread when a direction has something to send and waits for its turn. */
    void ready(StreamSender sender);

    /** Grants the peer this number of further bytes of a stream. Called on the loop's thread. */
    void grant(long id, int bytes);

    /** Returns the limits on the messages of this side. Any thread may call this. */
    default FrameLimits limits() {
        return UNLIMITED;
    }
}
