package dev.parley.net;

import dev.parley.net.time.Timer;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The receiver of a rejected connection: it sends the peer the reason, and lingers until the peer has ended its
 * direction, for at most {@link Limits#lingerTimeout} in all. Used on the loop's thread.
 */
final class RejectedConnection implements Receiver {
    private final ByteBuffer words;
    private final IOException why;
    private @Nullable Timer timer;

    /**
     * Makes the receiver.
     *
     * @param words the last bytes to the peer
     * @param why the cause of the close
     */
    RejectedConnection(ByteBuffer words, IOException why) {
        this.words = words;
        this.why = why;
    }

    @Override
    public void opened(LoopConnection connection) {
        EventLoop loop = connection.loop();
        timer = loop.scheduleResponsive(loop.limits().lingerTimeout(), () -> connection.finish(CloseReason.LIMIT, why));
        connection.send(words);
        connection.close(CloseReason.LIMIT, why);
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
