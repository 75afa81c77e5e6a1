package dev.parley.link;

import dev.parley.net.EventLoop;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Detects that a peer has vanished without a word: a peer that owes us something and is silent gets a ping, and counts
 * as lost if it does not respond. If it owes us nothing, the idle timeout is enough. Runs on the loop's thread.
 */
public final class Heartbeat {
    /** The connection whose peer may vanish, as the heartbeat uses it. */
    public interface Line {
        /** Returns true if this side waits for something from the peer. */
        boolean isWaiting();

        /**
         * Returns true if this side would see a response: while we do not read, we cannot conclude anything from
         * silence.
         */
        boolean isReading();

        /** Sends a ping. */
        void ping();

        /** Runs if the peer did not respond. */
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
     * Makes a heartbeat that is not running yet.
     *
     * @param interval the time for which the peer may be silent before it gets a ping
     * @param timeout the time in which it must respond
     */
    public Heartbeat(EventLoop loop, Duration interval, Duration timeout, Line line) {
        this.loop = loop;
        this.intervalNanos = interval.toNanos();
        this.timeoutNanos = timeout.toNanos();
        this.line = line;
    }

    /** Notes that the peer owes something from now on; has no effect if it already did. */
    public void start() {
        if (timer == null) {
            heardNanos = loop.responsiveNanos();
            fireIn(intervalNanos);
        }
    }

    /** Notes that bytes from the peer have arrived. */
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

    /** Stops the heartbeat. */
    public void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
