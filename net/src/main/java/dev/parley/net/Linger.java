package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * How long a connection that closes goes on dropping what its peer still sends: see {@link
 * LoopConnection#closeLingering}. The loop's thread.
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

    /** Our own direction has ended: from now on the peer has so much time. Twice is harmless. */
    void start(Runnable whenOver) {
        if (timer == null) {
            timer = loop.responsiveTimerAt(loop.nowNanos() + Durations.nanos(limits.lingerTimeout()), whenOver);
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
