package dev.parley.net;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One loop's part of a {@link MemoryCap}: counts what its accepted connections hold, pauses those that hold more than
 * is free, and closes the largest where pausing is not enough. Runs on the loop's thread but where it says otherwise.
 */
final class MemoryAccount implements MemoryCap.Part {
    /**
     * Who holds no more than a small request or two never waits, even where nothing is free: else, while some take too
     * much, all others would wait with them. What many small ones hold is bounded by closing, as everything is.
     */
    private static final int SMALL_BYTES = 8 * 1024;

    /** Of a small cap, so that hundreds of small holders are but a part of it. */
    private static final int SMALL_PARTS = 4 * 1024;

    /** How often those that are paused are looked at: others may have freed what they wait for. */
    private static final Duration LOOK = Duration.ofMillis(100);

    /** Nothing has come free for so long: then waiting does not help. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    /** So much one loop may keep to itself within a turn. */
    private static final int UNTOLD_BYTES_MAX = 64 * 1024;

    private final EventLoop loop;
    private final MemoryCap cap;
    private final int untoldBytesMax;
    private final long smallBytes;
    private long ownBytes;
    private long untoldBytes;

    /** Of the poller, for the last bytes of connections that are closed: nobody can be closed for them. */
    private long lastBytes;

    private volatile boolean reliefIsDue;

    /** Since when each waits, the longest first. */
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
     * The same; and where more is held by now than may be, the largest are closed here, this one perhaps among them:
     * what many connections take in one turn must not be more than there is.
     */
    void settleAndRelieve(LoopConnection connection) {
        settle(connection);
        if (reliefIsDue) {
            relieve();
        }
    }

    /** Whatever a connection holds may have changed; it is counted, and waits or goes on. */
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

    /** At the end of a turn. */
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

    /** Somewhat below the mark that paused it, so that it does not stop again with the next bytes. */
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

    /** It is closed. What handlers still hold of it is counted until they end. */
    void forget(LoopConnection connection) {
        pausedSinceNanos.remove(connection);
    }

    private void lookLater() {
        if (look == null) {
            look = loop.schedule(LOOK, this::look);
        }
    }

    /** Some wait: for what others have freed meanwhile, or for nothing. */
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

    /** Readers on other threads take bytes without telling: what they took is counted here. */
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

    /** Any thread: more is held than may be. */
    @Override
    public void relieveSoon() {
        reliefIsDue = true;
        loop.tryExecute(this::relieve);
    }

    /** What is held of connections that are closed already comes free by itself, as their handlers end. */
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

    /** The loop ends: whatever its handlers still hold, no connection of it does. */
    void end() {
        cap.remove(this);
        countLast();
        untoldBytes -= ownBytes;
        ownBytes = 0;
        tellUntold();
    }
}
