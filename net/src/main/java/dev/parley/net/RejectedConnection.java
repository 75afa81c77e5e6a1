package dev.parley.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The short life of a connection for which there is no room: it sends its last words, and lingers until its peer has
 * gone, for {@link Limits#lingerTimeout} in all. The loop's thread.
 */
final class RejectedConnection implements Receiver {
    private final ByteBuffer words;
    private @Nullable Timer timer;

    RejectedConnection(ByteBuffer words) {
        this.words = words;
    }

    @Override
    public void opened(LoopConnection connection) {
        EventLoop loop = connection.loop();
        timer = loop.scheduleResponsive(
                loop.limits().lingerTimeout(), () -> connection.finish(CloseReason.LIMIT, null));
        connection.send(words);
        connection.closeLingering(CloseReason.LIMIT);
    }

    @Override
    public void bytes(LoopConnection connection, ByteBuffer bytes) {}

    @Override
    public void closed(LoopConnection connection, CloseReason reason) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
