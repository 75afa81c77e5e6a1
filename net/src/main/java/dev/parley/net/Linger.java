package dev.parley.net;

import dev.parley.net.core.LoopCore;
import dev.parley.net.core.Nanos;
import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a lingering close ends: if {@link Limits#lingerTimeout} is over, or if the peer has sent more than
 * {@link Limits#lingerBytesMax}. Until then, the bytes that the peer sends are dropped, so that our last bytes reach
 * it. See {@link LoopConnection#close()}. Used on the loop's thread.
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

    /** Starts the timeout. Called when our own direction has ended. Calling it twice is harmless. */
    void start(Runnable whenOver) {
        if (timer == null) {
            timer = loop.responsiveTimerAt(loop.nowNanos() + Nanos.of(limits.lingerTimeout()), whenOver);
        }
    }

    /**
     * {@return whether the peer has now sent more than {@link Limits#lingerBytesMax}} Counts the bytes that were
     * dropped.
     */
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
