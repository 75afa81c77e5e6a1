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
 * One loop's part of a {@link MemoryCap}. It counts the memory that the loop's accepted connections hold, pauses
 * connections that hold too much, and closes the largest ones if pausing is not enough. Its methods are called on the
 * loop's thread, unless they say otherwise.
 */
final class MemoryAccount implements MemoryCap.Part {
    /**
     * A connection that holds no more than this, which is a small request or two, is never paused, even if no memory is
     * free. Otherwise, a few connections that take too much would make all other connections wait. If many small
     * connections together hold too much, some are closed, as in every other case.
     */
    private static final int SMALL_BYTES = 8 * 1024;

    /**
     * If the cap is small, a connection is small only up to the cap divided by this number. So hundreds of small
     * connections hold only a part of the cap.
     */
    private static final int SMALL_PARTS = 4 * 1024;

    /**
     * The time between two checks of the paused connections. Between two checks, other connections may have freed
     * enough memory.
     */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** The time after which the largest paused connection is closed, because waiting longer does not help. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    /**
     * The maximum number of bytes that a loop may take or free within a turn before it reports them to the memory cap.
     */
    private static final int UNTOLD_BYTES_MAX = 64 * 1024;

    private final EventLoop loop;
    private final MemoryCap cap;
    private final int untoldBytesMax;
    private final long smallBytes;
    private long ownBytes;
    private long untoldBytes;

    /**
     * The memory that the poller holds for the last bytes of closed connections. Closing a connection does not free it.
     */
    private long lastBytes;

    private volatile boolean reliefIsDue;

    /** The time at which each connection was paused. The connection that has waited longest comes first. */
    private final Map<LoopConnection, Long> pausedSinceNanos = new LinkedHashMap<>();

    private @Nullable Timer look;

    MemoryAccount(EventLoop loop, MemoryCap cap) {
        this.loop = loop;
        this.cap = cap;
        smallBytes = Math.min(SMALL_BYTES, cap.bytesMax() / SMALL_PARTS);
        untoldBytesMax = Math.clamp(cap.bytesMax() / 64, 1, UNTOLD_BYTES_MAX);
    }

    /** Lets the cap call this account. Called when the loop is complete. */
    void begin() {
        cap.add(this);
    }

    MemoryCap cap() {
        return cap;
    }

    /**
     * Counts the memory of a connection, see {@link #settle}. If more memory is held than the cap allows, this method
     * then closes the largest connections at once, perhaps including this one. If it waited, many connections could
     * take more memory in one turn than there is.
     */
    void settleAndRelieve(LoopConnection connection) {
        settle(connection);
        if (reliefIsDue) {
            relieve();
        }
    }

    /**
     * Counts the memory that a connection holds now. Pauses the connection if it holds too much, and lets a paused
     * connection go on if it holds little enough.
     */
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
            report();
        }
        if (connection.receiver().isExemptFromMemoryCap()) {
            return;
        }
        if (change >= 0 && now > Math.max(smallBytes, freeBytes() / MemoryCap.PART_OF_FREE)) {
            pause(connection);
        } else if (change < 0 && !pausedSinceNanos.isEmpty() && mayGoOn(connection)) {
            resume(connection);
        }
    }

    /**
     * Reports to the cap how much memory was taken or freed since the last report. Called in each turn, before the
     * wait.
     */
    void report() {
        countLast();
        notifyUntold();
    }

    private void notifyUntold() {
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

    /**
     * Returns true if a paused connection may go on. It must hold somewhat less than when it was paused, so that the
     * next bytes do not pause it again.
     */
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

    /** Forgets a closed connection. The memory that handlers still hold of it is counted until they end. */
    void forget(LoopConnection connection) {
        pausedSinceNanos.remove(connection);
    }

    private void lookLater() {
        if (look == null) {
            look = loop.schedule(LOOK, this::look);
        }
    }

    /**
     * Checks the paused connections. If enough memory has come free, they go on. If they have waited too long, the
     * largest one is closed.
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

    /** Counts the memory of all connections again, because readers on other threads take bytes without reporting it. */
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
        report();
    }

    private static List<LoopConnection> largestFirst(Iterable<LoopConnection> connections) {
        var owners = new ArrayList<LoopConnection>();
        for (LoopConnection connection : connections) {
            if (connection.countedBytes > 0 && !connection.receiver().isExemptFromMemoryCap()) {
                owners.add(connection);
            }
        }
        owners.sort(Comparator.comparingLong((LoopConnection each) -> each.countedBytes)
                .reversed());
        return owners;
    }

    /**
     * Closes the largest connections soon, because more memory is held than the cap allows. Any thread may call this
     * method.
     */
    @Override
    public void relieveSoon() {
        reliefIsDue = true;
        loop.tryExecute(this::relieve);
    }

    /**
     * Closes the connections that hold the most memory. The memory of connections that are already closed becomes free
     * when their handlers end, without this method.
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
        report();
        cap.reliefIsOver();
    }

    private void close(LoopConnection owner) {
        owner.abort(
                CloseReason.LIMIT,
                new IOException("all connections together held " + cap.heldBytes() + " bytes of at most "
                        + cap.bytesMax() + ", and this one, with " + owner.countedBytes
                        + ", was among those that held most"));
    }

    /** Subtracts the loop's part from the cap when the loop ends, even if its handlers still hold memory. */
    void end() {
        cap.remove(this);
        countLast();
        untoldBytes -= ownBytes;
        ownBytes = 0;
        notifyUntold();
    }
}
