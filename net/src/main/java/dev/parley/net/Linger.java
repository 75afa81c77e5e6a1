package dev.parley.net;

import dev.parley.net.core.LoopCore;
import dev.parley.net.core.Nanos;
import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a lingering close when {@link Limits#lingerTimeout} is over or the peer has sent {@link Limits#lingerBytesMax};
 * until then, what the peer sends is dropped, so that our last bytes reach it. See {@link
 * LoopConnection#closeLingering}. Used on the loop's thread.
 */
final class Linger {
    private final LoopCore loop;
    private final Limits limits;
    private long droppedBytes;
    private @Nullable Timer timer;

    Linger(LoopCore loop, Limits limits) {
        this.loop = loop;
        this.limits = limits;
    }

    /** Starts the peer's time, since our own direction has ended. Calling it twice is harmless. */
    void start(Runnable whenOver) {
        if (timer == null) {
            timer = loop.responsiveTimerAt(loop.nowNanos() + Nanos.of(limits.lingerTimeout()), whenOver);
        }
    }

    /** {@return whether the peer has now sent more than it may} */
    boolean drop(int bytes) {
        droppedBytes += bytes;
        return droppedBytes > limits.lingerBytesMax();
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
        }
    }
}
