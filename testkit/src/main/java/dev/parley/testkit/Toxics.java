package dev.parley.testkit;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The faults that a {@link FaultProxy} applies to the bytes of one direction, on all of its connections; initially
 * there are none. Any thread may set and change each of them while bytes flow. A change applies to bytes that leave the
 * proxy from then on; bytes that are on their way keep their latency.
 *
 * {@snippet :
 * try (var proxy = FaultProxy.start(Address.parse("tcp://localhost:65432"))) {
 *     proxy.towardsClient().latency(Duration.ofMillis(20), Duration.ofMillis(5)).bandwidth(100_000);
 *     proxy.towardsServer().slices(1, 10);
 *     proxy.towardsServer().clear();
 * }
 * }
 *
 * <p>Bytes keep their order, whatever happens to them, as they do in a stream.
 */
public final class Toxics {
    /** The way in which a connection ends after a number of bytes. */
    enum Ending {
        RESET,
        CLOSE,
        END
    }

    record Latency(long nanos, long jitterNanos) {
        long draw(RandomGenerator random) {
            return jitterNanos == 0 ? nanos : Math.max(0, nanos + random.nextLong(-jitterNanos, jitterNanos + 1));
        }
    }

    record Slices(int bytesMin, int bytesMax, long betweenNanos) {}

    record Limit(long bytes, Ending ending) {}

    static final long NEVER = Long.MAX_VALUE;
    private static final Latency AT_ONCE = new Latency(0, 0);

    private final Runnable changed;
    private final Runnable endAll;
    private volatile Latency latency = AT_ONCE;
    private volatile long bytesPerSecond = NEVER;
    private volatile @Nullable Slices slices;
    private volatile @Nullable Limit limit;
    private volatile boolean blackhole;
    private volatile long corruptEvery = NEVER;
    private volatile long corruptAt = NEVER;

    /** Creates toxics. Both actions are called on the thread that makes a change. */
    Toxics(Runnable changed, Runnable endAll) {
        this.changed = changed;
        this.endAll = endAll;
    }

    static long nanos(String what, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " of " + time + "; it must be zero or more");
        }
        return time.toNanos();
    }

    private Toxics changed() {
        changed.run();
        return this;
    }

    /**
     * Delays every byte by the same time.
     *
     * @param time the latency by the proxy's ticker; zero for none
     * @return these toxics
     * @throws IllegalArgumentException if the latency is negative
     */
    public Toxics latency(Duration time) {
        return latency(time, Duration.ZERO);
    }

    /**
     * Delays the bytes that arrive. For each piece that the proxy reads, it chooses a delay at random. In each
     * direction of a connection, the proxy holds at most {@link FaultProxy.Builder#bufferBytes} delayed bytes; while it
     * holds so many, it does not read.
     *
     * @param time the average latency by the proxy's ticker
     * @param jitter the largest deviation from the average, up or down; if the resulting latency is below zero, it is
     *     zero
     * @return these toxics
     * @throws IllegalArgumentException if the latency or the jitter is negative
     */
    public Toxics latency(Duration time, Duration jitter) {
        latency = new Latency(nanos("a latency", time), nanos("a jitter", jitter));
        return changed();
    }

    /**
     * Limits each connection to this number of bytes per second, spread evenly.
     *
     * @param bytes above zero
     * @return these toxics
     * @throws IllegalArgumentException if it is below 1
     */
    public Toxics bandwidth(long bytes) {
        bytesPerSecond = atLeastOne("bytes per second", bytes);
        return changed();
    }

    /**
     * Cuts the stream into pieces of random sizes, each sent on its own; see {@link #slices(int, int, Duration)}.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below the minimum
     * @return these toxics
     * @throws IllegalArgumentException if a value is out of range
     */
    public Toxics slices(int bytesMin, int bytesMax) {
        return slices(bytesMin, bytesMax, Duration.ZERO);
    }

    /**
     * Cuts the stream into pieces of random sizes, each sent on its own. If there is no time between two pieces, the
     * kernel may combine them again.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below the minimum
     * @param between the time from one piece to the next, by the proxy's ticker
     * @return these toxics
     * @throws IllegalArgumentException if a value is out of range
     */
    public Toxics slices(int bytesMin, int bytesMax, Duration between) {
        if (bytesMin < 1 || bytesMax < bytesMin) {
            throw new IllegalArgumentException("slices of " + bytesMin + " to " + bytesMax + " bytes; from 1 on");
        }
        slices = new Slices(bytesMin, bytesMax, nanos("a pause", between));
        return changed();
    }

    /**
     * Drops all bytes while the connections stay open, or stops dropping them. Dropped bytes are lost. If the end of
     * the stream or a reset arrives while bytes are dropped, the proxy passes it on after dropping has stopped.
     *
     * @param on true to drop bytes from now on, false to stop
     * @return these toxics
     */
    public Toxics blackhole(boolean on) {
        blackhole = on;
        return changed();
    }

    /**
     * Divides the bytes of each connection into groups, and changes one byte in each group.
     *
     * @param bytes the number of bytes in a group; the first group begins with the connection; 1 changes all bytes
     * @return these toxics
     * @throws IllegalArgumentException if it is below 1
     */
    public Toxics corruptEvery(long bytes) {
        corruptEvery = atLeastOne("every so many bytes", bytes);
        return changed();
    }

    /**
     * Changes one byte of each connection.
     *
     * @param offset the offset of the byte, 0 or more; a connection that is already past this offset is not changed
     * @return these toxics
     * @throws IllegalArgumentException if it is below 0
     */
    public Toxics corruptAt(long offset) {
        corruptAt = atLeastOne("bytes up to the one that is changed", offset + 1) - 1;
        return changed();
    }

    /**
     * Resets each connection, on both sides, after this number of its bytes has passed.
     *
     * @param bytes 0 or more, counted from the start of the connection
     * @return these toxics
     * @throws IllegalArgumentException if it is below 0
     */
    public Toxics resetAfter(long bytes) {
        return limit(bytes, Ending.RESET);
    }

    /**
     * Closes each connection, on both sides, after this number of its bytes has passed.
     *
     * @param bytes 0 or more, counted from the start of the connection
     * @return these toxics
     * @throws IllegalArgumentException if it is below 0
     */
    public Toxics closeAfter(long bytes) {
        return limit(bytes, Ending.CLOSE);
    }

    /**
     * Ends this direction of each connection after this number of its bytes has passed (shutdown(2)). The other
     * direction stays open. Bytes that still arrive in this direction are dropped.
     *
     * @param bytes 0 or more, counted from the start of the connection
     * @return these toxics
     * @throws IllegalArgumentException if it is below 0
     */
    public Toxics endAfter(long bytes) {
        return limit(bytes, Ending.END);
    }

    private Toxics limit(long bytes, Ending ending) {
        limit = new Limit(atLeastOne("bytes, and one more,", bytes + 1) - 1, ending);
        return changed();
    }

    private static long atLeastOne(String what, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + ": " + value + "; it must be at least 1");
        }
        return value;
    }

    /**
     * Ends this direction of every connection that is open now (shutdown(2)). The other direction stays open.
     *
     * @return these toxics
     */
    public Toxics end() {
        endAll.run();
        return this;
    }

    /**
     * Removes all toxics, so that bytes pass as they arrive.
     *
     * @return these toxics
     */
    public Toxics clear() {
        latency = AT_ONCE;
        bytesPerSecond = NEVER;
        slices = null;
        limit = null;
        blackhole = false;
        corruptEvery = NEVER;
        corruptAt = NEVER;
        return changed();
    }

    // Called by the proxy's connections, on its loop.

    Latency latency() {
        return latency;
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }

    @Nullable
    Slices slices() {
        return slices;
    }

    @Nullable
    Limit limit() {
        return limit;
    }

    boolean isBlackhole() {
        return blackhole;
    }

    long corruptEvery() {
        return corruptEvery;
    }

    long corruptAt() {
        return corruptAt;
    }
}
