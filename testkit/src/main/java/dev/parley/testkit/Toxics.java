package dev.parley.testkit;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FaultProxy} does to the bytes of one direction, on all of its connections: nothing at first. Each can
 * be set and changed while bytes flow, from any thread, and holds for what leaves the proxy from then on; what is on
 * its way keeps the latency that it has.
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
    /** How a connection ends after so many bytes. */
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

    /** Both are called on the thread that changes something. */
    Toxics(Runnable changed, Runnable endAll) {
        this.changed = changed;
        this.endAll = endAll;
    }

    static long nanos(String what, Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(what + " of " + time + "; zero or more");
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
     * @param time by the proxy's ticker; zero for none
     * @return these toxics
     * @throws IllegalArgumentException when it is negative
     */
    public Toxics latency(Duration time) {
        return latency(time, Duration.ZERO);
    }

    /**
     * Delays what arrives by a time drawn for each piece that the proxy reads. The proxy holds {@link
     * FaultProxy.Builder#bufferBytes} in each direction of a connection and reads no more meanwhile.
     *
     * @param time by the proxy's ticker, in the middle
     * @param jitter how far the draw goes to both sides; below zero it is zero
     * @return these toxics
     * @throws IllegalArgumentException when one is negative
     */
    public Toxics latency(Duration time, Duration jitter) {
        latency = new Latency(nanos("a latency", time), nanos("a jitter", jitter));
        return changed();
    }

    /**
     * Lets each connection pass so many bytes in a second, evenly.
     *
     * @param bytes above zero
     * @return these toxics
     * @throws IllegalArgumentException below 1
     */
    public Toxics bandwidth(long bytes) {
        bytesPerSecond = atLeastOne("bytes per second", bytes);
        return changed();
    }

    /**
     * Cuts the stream into pieces of random sizes, each sent for itself; see {@link #slices(int, int, Duration)}.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below it
     * @return these toxics
     * @throws IllegalArgumentException outside of that
     */
    public Toxics slices(int bytesMin, int bytesMax) {
        return slices(bytesMin, bytesMax, Duration.ZERO);
    }

    /**
     * Cuts the stream into pieces of random sizes, each sent for itself. Without a time in between the kernel may put
     * some together again.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below it
     * @param between from one piece to the next, by the proxy's ticker
     * @return these toxics
     * @throws IllegalArgumentException outside of that
     */
    public Toxics slices(int bytesMin, int bytesMax, Duration between) {
        if (bytesMin < 1 || bytesMax < bytesMin) {
            throw new IllegalArgumentException("slices of " + bytesMin + " to " + bytesMax + " bytes; from 1 on");
        }
        slices = new Slices(bytesMin, bytesMax, nanos("a pause", between));
        return changed();
    }

    /**
     * Whether all bytes vanish while the connections stand. What vanished does not come back; an end of the stream, or
     * a reset, that came meanwhile is told once it is off again.
     *
     * @param on from now on
     * @return these toxics
     */
    public Toxics blackhole(boolean on) {
        blackhole = on;
        return changed();
    }

    /**
     * Changes every so many bytes of each connection one.
     *
     * @param bytes 1 changes all; counted from the connection's begin
     * @return these toxics
     * @throws IllegalArgumentException below 1
     */
    public Toxics corruptEvery(long bytes) {
        corruptEvery = atLeastOne("every so many bytes", bytes);
        return changed();
    }

    /**
     * Changes one byte of each connection.
     *
     * @param offset from 0 on; a connection that has come past it is left alone
     * @return these toxics
     * @throws IllegalArgumentException below 0
     */
    public Toxics corruptAt(long offset) {
        corruptAt = atLeastOne("bytes up to the one that is changed", offset + 1) - 1;
        return changed();
    }

    /**
     * Resets each connection, on both sides, when so many bytes of it have passed.
     *
     * @param bytes 0 or more, counted from the connection's begin
     * @return these toxics
     * @throws IllegalArgumentException below 0
     */
    public Toxics resetAfter(long bytes) {
        return limit(bytes, Ending.RESET);
    }

    /**
     * Closes each connection, on both sides, when so many bytes of it have passed.
     *
     * @param bytes 0 or more, counted from the connection's begin
     * @return these toxics
     * @throws IllegalArgumentException below 0
     */
    public Toxics closeAfter(long bytes) {
        return limit(bytes, Ending.CLOSE);
    }

    /**
     * Ends this direction of each connection when so many bytes of it have passed (shutdown(2)); the other direction
     * goes on, and what still comes vanishes.
     *
     * @param bytes 0 or more, counted from the connection's begin
     * @return these toxics
     * @throws IllegalArgumentException below 0
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
            throw new IllegalArgumentException(what + ": " + value + "; at least 1");
        }
        return value;
    }

    /**
     * Ends this direction of every connection that is open now (shutdown(2)); the other direction goes on.
     *
     * @return these toxics
     */
    public Toxics end() {
        endAll.run();
        return this;
    }

    /**
     * Takes all of them off again, so that bytes pass as they come.
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

    // What the proxy's connections ask, on its loop.

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
