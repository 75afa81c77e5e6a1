package dev.parley.net;

import dev.parley.net.time.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One loop's part of a {@link MemoryCap}: it counts what the loop's accepted connections hold, pauses those that hold
 * too much of it, and closes the largest if pausing is not enough. It runs on the loop's thread unless a method says
 * otherwise.
 */
final class MemoryAccount implements MemoryCap.Part {
    /**
     * A connection that holds no more than a small request or two never waits, even if nothing is free: otherwise,
     * while some take too much, all others would wait with them. What many small ones hold is bounded by closing, as
     * everything is.
     */
    private static final int SMALL_BYTES = 8 * 1024;

    /** The part of a small cap that counts as small, so that hundreds of small holders are only a part of it. */
    private static final int SMALL_PARTS = 4 * 1024;

    /** The time between two looks at the paused connections: others may have freed what they wait for. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** The time after which waiting does not help if nothing has come free. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    /** The most that a loop holds or frees within a turn before it reports that to the cap. */
    private static final int UNTOLD_BYTES_MAX = 64 * 1024;

    private final EventLoop loop;
    private final MemoryCap cap;
    private final int untoldBytesMax;
    private final long smallBytes;
    private long ownBytes;
    private long untoldBytes;

    /** The memory of the poller for the last bytes of closed connections: no connection can be closed to free it. */
    private long lastBytes;

    private volatile boolean reliefIsDue;

    /** The time since which each paused connection waits, the longest first. */
    private final Map<LoopConnection, Long> pausedSinceNanos = new LinkedHashMap<>();

    private @Nullable Timer look;

    MemoryAccount(EventLoop loop, MemoryCap cap) {
        this.loop = loop;
        this.cap = cap;
        smallBytes = Math.min(SMALL_BYTES, cap.bytesMax() / SMALL_PARTS);
        untoldBytesMax = Math.clamp(cap.bytesMax() / 64, 1, UNTOLD_BYTES_MAX);
        cap.add(this);
    }

    MemoryCap cap() {
        return cap;
    }

    /**
     * Counts as {@link #settle} does. If more is held now than the cap allows, the largest connections are closed here,
     * perhaps this one too: what many connections take in one turn must not exceed what there is.
     */
    void settleAndRelieve(LoopConnection connection) {
        settle(connection);
        if (reliefIsDue) {
            relieve();
        }
    }

    /** Counts what a connection holds, which may have changed, and pauses it or lets it go on. */
    void settle(LoopConnection connection) {
        if (!connection.accepted()) {
            return;
        }
        long now = connection.heldBytes();
        long change = now - connection.countedBytes;
        if (change == 0 && now == 0) {
            return;
        }
        connection.countedBytes = now;
        ownBytes += change;
        untoldBytes += change;
        if (Math.abs(untoldBytes) > untoldBytesMax) {
            tell();
        }
        if (change >= 0 && now > Math.max(smallBytes, freeBytes() / MemoryCap.PART_OF_FREE)) {
            pause(connection);
        } else if (change < 0 && !pausedSinceNanos.isEmpty() && mayGoOn(connection)) {
            resume(connection);
        }
    }

    /** Reports what has changed to the cap; at the end of a turn. */
    void tell() {
        countLast();
        tellUntold();
    }

    private void tellUntold() {
        if (untoldBytes != 0) {
            long bytes = untoldBytes;
            untoldBytes = 0;
            cap.add(bytes);
        }
    }

    private void countLast() {
        long change = loop.core().poller().heldBytes() - lastBytes;
        lastBytes += change;
        ownBytes += change;
        untoldBytes += change;
    }

    private long freeBytes() {
        return cap.freeBytes() - untoldBytes;
    }

    /** Returns true somewhat below the mark that paused it, so that the next bytes do not pause it again. */
    private boolean mayGoOn(LoopConnection connection) {
        return connection.countedBytes <= Math.max(smallBytes, freeBytes() / MemoryCap.PART_OF_FREE / 4 * 3);
    }

    private void pause(LoopConnection connection) {
        if (connection.closeReason() == null
                && pausedSinceNanos.putIfAbsent(connection, loop.core().nowNanos()) == null) {
            connection.input().pausedByMemory(true);
            lookLater();
        }
    }

    private void resume(LoopConnection connection) {
        if (pausedSinceNanos.remove(connection) != null) {
            connection.input().pausedByMemory(false);
        }
    }

    /** Forgets a closed connection. What handlers still hold of it is counted until they end. */
    void forget(LoopConnection connection) {
        pausedSinceNanos.remove(connection);
    }

    private void lookLater() {
        if (look == null) {
            look = loop.schedule(LOOK, this::look);
        }
    }

    /**
     * Looks at the paused connections: they go on if enough has come free, or the largest is closed if they wait too
     * long.
     */
    private void look() {
        look = null;
        settleAll();
        for (LoopConnection connection : List.copyOf(pausedSinceNanos.keySet())) {
            if (mayGoOn(connection)) {
                resume(connection);
            }
        }
        if (!pausedSinceNanos.isEmpty()) {
            long longestNanos = loop.core().judgedNanos()
                    - pausedSinceNanos.values().iterator().next();
            if (longestNanos >= PATIENCE_NANOS) {
                close(largestFirst(pausedSinceNanos.keySet()).getFirst());
            }
            lookLater();
        }
    }

    /** Counts all connections: readers on other threads take bytes without a report. */
    private void settleAll() {
        for (LoopConnection connection : loop.connections()) {
            if (connection.countedBytes > 0) {
                try {
                    settle(connection);
                } catch (Throwable thrown) {
                    connection.sink().threw(thrown);
                }
            }
        }
        tell();
    }

    private static List<LoopConnection> largestFirst(Iterable<LoopConnection> connections) {
        var owners = new ArrayList<LoopConnection>();
        for (LoopConnection connection : connections) {
            if (connection.countedBytes > 0) {
                owners.add(connection);
            }
        }
        owners.sort(Comparator.comparingLong((LoopConnection each) -> each.countedBytes)
                .reversed());
        return owners;
    }

    /** Relieves soon, because more is held than the cap allows; any thread. */
    @Override
    public void relieveSoon() {
        reliefIsDue = true;
        loop.tryExecute(this::relieve);
    }

    /**
     * Closes the largest holders. What is held of connections that are closed already comes free by itself, as their
     * handlers end.
     */
    private void relieve() {
        if (!reliefIsDue) {
            return;
        }
        reliefIsDue = false;
        settleAll();
        List<LoopConnection> owners = largestFirst(loop.connections());
        long closedBytes =
                ownBytes - owners.stream().mapToLong(each -> each.countedBytes).sum();
        double excess = cap.heldBytes() - cap.bytesMax() + cap.bytesMax() / MemoryCap.RELIEF_PART;
        double share = excess * ownBytes / Math.max(1, cap.heldBytes()) - closedBytes;
        for (LoopConnection owner : owners) {
            if (share <= 0) {
                break;
            }
            share -= owner.countedBytes;
            close(owner);
        }
        loop.schedule(LOOK, this::reliefIsOver);
    }

    private void reliefIsOver() {
        tell();
        cap.reliefIsOver();
    }

    private void close(LoopConnection owner) {
        owner.abort(
                CloseReason.LIMIT,
                new IOException("all connections together held " + cap.heldBytes() + " bytes of at most "
                        + cap.bytesMax() + ", and this one, with " + owner.countedBytes
                        + ", was among those that held most"));
    }

    /** Takes the loop's part off the cap when the loop ends, even if its handlers still hold something. */
    void end() {
        cap.remove(this);
        countLast();
        untoldBytes -= ownBytes;
        ownBytes = 0;
        tellUntold();
    }
}
