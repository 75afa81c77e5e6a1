package dev.parley.link;

import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that a peer has vanished without a word: one that owes us something and says nothing is asked whether it is
 * alive, and counts as lost when it does not answer. Where nothing is owed, the idle timeout is enough. Runs on the
 * loop's thread.
 */
public final class Heartbeat {
    /** The connection whose peer may vanish. */
    public interface Line {
        /** Whether anybody waits for something of the other one. */
        boolean isWaiting();

        /** Whether an answer of the peer's would be seen: while we do not read, its silence is our own. */
        boolean isReading();

        /** Sends a ping. */
        void ping();

        /** The peer did not answer. */
        void lost();
    }

    private final EventLoop loop;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final Line line;
    private @Nullable Timer timer;
    private long heardNanos;
    private long pingedNanos;
    private boolean awaiting;

    /**
     * A heartbeat that does not beat yet.
     *
     * @param interval how long the peer may be silent before it is asked
     * @param timeout how long it may take to answer
     */
    public Heartbeat(EventLoop loop, Duration interval, Duration timeout, Line line) {
        this.loop = loop;
        this.intervalNanos = interval.toNanos();
        this.timeoutNanos = timeout.toNanos();
        this.line = line;
    }

    /** From here on the peer owes something; harmless where it did before. */
    public void start() {
        if (timer == null) {
            heardNanos = loop.responsiveNanos();
            fireIn(intervalNanos);
        }
    }

    /** Bytes of the peer's have come. */
    public void heard() {
        if (timer != null) {
            heardNanos = loop.responsiveNanos();
            awaiting = false;
        }
    }

    private void fireIn(long nanos) {
        timer = loop.scheduleResponsive(Duration.ofNanos(nanos), this::look);
    }

    private void look() {
        timer = null;
        if (!line.isWaiting()) {
            awaiting = false;
            return;
        }
        long nowNanos = loop.responsiveNanos();
        if (!line.isReading()) {
            awaiting = false;
            heardNanos = nowNanos;
            fireIn(intervalNanos);
        } else if (!awaiting) {
            long silentNanos = nowNanos - heardNanos;
            if (silentNanos < intervalNanos) {
                fireIn(intervalNanos - silentNanos);
                return;
            }
            awaiting = true;
            pingedNanos = nowNanos;
            fireIn(timeoutNanos);
            line.ping();
        } else if (nowNanos - pingedNanos >= timeoutNanos) {
            awaiting = false;
            line.lost();
        } else {
            fireIn(timeoutNanos - (nowNanos - pingedNanos));
        }
    }

    /** For good. */
    public void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
