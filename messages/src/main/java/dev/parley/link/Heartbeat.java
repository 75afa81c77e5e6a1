package dev.parley.link;

import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Detects that a peer has vanished without closing its connection, by the times that {@link
 * dev.parley.MessageLimits#pingInterval} and {@code pingTimeout} give. If the peer is silent while we wait for it, we
 * send it a ping. If it does not respond to the ping in time, the connection counts as lost. While we do not wait for
 * the peer, the idle timeout is enough. Runs on the loop's thread.
 */
public final class Heartbeat {
    /** The connection whose peer may vanish, with the methods that the heartbeat needs. */
    public interface Line {
        /**
         * Returns true if it matters now whether the peer is still there, so that it must be pinged if it is silent.
         */
        boolean isWaiting();

        /**
         * Returns true if we would receive a response to a ping. While we do not read, silence does not mean anything.
         */
        boolean isReading();

        /** Sends a ping. */
        void ping();

        /** Called if the peer did not respond to a ping in time. */
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
     * @param timeout the time in which the peer must respond to the ping
     */
    public Heartbeat(EventLoop loop, Duration interval, Duration timeout, Line line) {
        this.loop = loop;
        this.intervalNanos = Durations.nanos(interval);
        this.timeoutNanos = Durations.nanos(timeout);
        this.line = line;
    }

    /** Starts to watch the peer. Has no effect if the peer is already watched. */
    public void start() {
        if (timer == null) {
            heardNanos = loop.responsiveNanos();
            fireIn(intervalNanos);
        }
    }

    /** Called when bytes from the peer have arrived. */
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
