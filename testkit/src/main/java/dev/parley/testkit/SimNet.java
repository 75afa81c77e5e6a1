package dev.parley.testkit;

import dev.parley.net.EventLoop;
import dev.parley.net.time.Ticker;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A network inside the process, in virtual time, with faults that depend on a seed. The same seed leads to exactly the
 * same run. Loops of several hosts connect to each other at {@code mem:} addresses. Only one loop runs at a time. When
 * no loop has anything to do, the time jumps to the next timer or arrival, so an hour of waiting takes no real time.
 *
 * {@snippet :
 * try (var net = new SimNet(42).latency(Duration.ofMillis(1), Duration.ofMillis(50)).pieces(1, 10)) {
 *     EventLoop server = net.startLoop("server");
 *     EventLoop client = net.startLoop("client");
 *     server.listen("mem:echo", (connection, bytes) -> connection.send(bytes));
 *     var back = new AtomicInteger();
 *     LoopConnection asking = client.connect("mem:echo", (it, bytes) -> back.addAndGet(bytes.remaining()));
 *     client.execute(() -> asking.send(new byte[100]));
 *     net.runUntil("all of it is back", () -> back.get() == 100);
 *     net.partition("client", "server");
 *     net.run(Duration.ofMinutes(6)); // idle for longer than the five minutes that are allowed
 *     System.out.println(asking.closeReason()); // idle
 * }
 * }
 *
 * <p>The test's thread drives the network: time passes only inside {@link #run} and {@link #runUntil}. Between these
 * calls, the test may call methods of a loop, such as {@code loop.execute} or {@code loop.close}; their work is done
 * when they return. The test's thread must not block, since nothing happens while it does. Code that runs on the loops
 * must not block either.
 *
 * <p>Other threads are not simulated. Handlers on virtual threads, and blocking connections, run when they get the
 * processor, while the time jumps on. So a seed does not repeat a run with them. In a simulation, use receivers, and
 * handlers on the loop. A seed also does not repeat what a program takes from its own source of randomness, or orders
 * by identity.
 */
public final class SimNet implements Ticker, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int LINES_SHOWN = 30;

    private final long seed;
    private final SimClock clock;
    private final SimWire wire;
    private final SimRules rules;
    private final SimNames names = new SimNames();
    private final Map<String, SimHost> hosts = new LinkedHashMap<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private @Nullable Tls tls;

    /**
     * Makes a network without hosts and faults, with latencies of 0.1 to 1 ms, and buffers of 64 KiB in each direction.
     *
     * @param seed the seed of all random choices
     */
    public SimNet(long seed) {
        this.seed = seed;
        this.clock = new SimClock(seed);
        this.wire = new SimWire(clock);
        this.rules = wire.rules();
    }

    /** {@return the seed of all random choices} */
    public long seed() {
        return seed;
    }

    // Hosts.

    /**
     * Starts a loop on a host; see {@link #startLoop(String, EventLoop.Builder)}.
     *
     * @param host the host's name; the host is made when it is first named
     * @return the loop
     */
    public EventLoop startLoop(String host) {
        return startLoop(host, EventLoop.builder());
    }

    /**
     * Starts a loop on a host, and restarts the host if it has crashed. Call this method on the test's thread, which
     * drives the network.
     *
     * @param host the host's name; the host is made when it is first named
     * @param settings the loop's other settings; its transport and ticker become this network's
     * @return the loop, which runs when it is its turn; {@link #close} closes it if it is still open
     */
    public EventLoop startLoop(String host, EventLoop.Builder settings) {
        EventLoop loop = hostOf(host).start(settings, tls);
        loops.add(loop);
        return loop;
    }

    /**
     * {@return the transport of a host's loops, for an object that starts a loop of its own, such as a {@link
     * FaultProxy}} The object must also use this network as its ticker, and must be closed before the network.
     *
     * @param host the host's name; the host is made when it is first named
     */
    public Transport host(String host) {
        return hostOf(host);
    }

    private SimHost hostOf(String label) {
        synchronized (clock) {
            return hosts.computeIfAbsent(label, it -> new SimHost(wire, names, this, it));
        }
    }

    /**
     * Makes all connections speak TLS. Call this method before the first loop is started. A seed then repeats what
     * happens only as far as the lengths of certificates and signatures are the same each time.
     *
     * @param ofBothSides the settings of servers and clients
     * @return this network
     */
    public SimNet tls(Tls ofBothSides) {
        tls = ofBothSides;
        return this;
    }

    // Faults.

    /**
     * Sets the bounds of the latency, which is chosen at random for each piece. No piece overtakes another piece of the
     * same connection.
     *
     * @param min zero or more; initially 0.1 ms
     * @param max not below the minimum; initially 1 ms
     * @return this network
     * @throws IllegalArgumentException if a value is out of range
     */
    public SimNet latency(Duration min, Duration max) {
        long least = Toxics.nanos("a latency", min);
        long most = Toxics.nanos("a latency", max);
        check(least <= most, "latencies of " + min + " to " + max);
        synchronized (clock) {
            rules.latencyMinNanos = least;
            rules.latencyMaxNanos = most;
        }
        return this;
    }

    /**
     * Cuts the bytes that are sent into pieces of random sizes. Each piece has its own latency.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below the minimum; initially nothing is cut
     * @return this network
     * @throws IllegalArgumentException if a value is out of range
     */
    public SimNet pieces(int bytesMin, int bytesMax) {
        check(bytesMin >= 1 && bytesMin <= bytesMax, "pieces of " + bytesMin + " to " + bytesMax + " bytes");
        synchronized (clock) {
            rules.pieceMin = bytesMin;
            rules.pieceMax = bytesMax;
        }
        return this;
    }

    /**
     * Sets the bounds of the buffer size in one direction of a connection. The sender has to wait while this many bytes
     * are on their way or unread. The size is chosen at random for each end of each connection that is made from now
     * on.
     *
     * @param bytesMin at least 1; initially 64 KiB
     * @param bytesMax not below the minimum; initially 64 KiB
     * @return this network
     * @throws IllegalArgumentException if a value is out of range
     */
    public SimNet buffers(int bytesMin, int bytesMax) {
        check(bytesMin >= 1 && bytesMin <= bytesMax, "buffers of " + bytesMin + " to " + bytesMax + " bytes");
        synchronized (clock) {
            rules.bufferMin = bytesMin;
            rules.bufferMax = bytesMax;
        }
        return this;
    }

    /**
     * Breaks connections at random: both ends get a reset instead of a piece.
     *
     * @param pieces the average number of pieces for each reset; 0 for no resets, which is the initial value
     * @return this network
     * @throws IllegalArgumentException if the number is below 0
     */
    public SimNet resetOneIn(int pieces) {
        check(pieces >= 0, "a reset in " + pieces + " pieces");
        synchronized (clock) {
            rules.resetOneIn = pieces;
        }
        return this;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": from 1 byte or zero on, and the second not below the first");
        }
    }

    /**
     * Separates two hosts. Bytes that are on their way between them wait, as with TCP, which keeps sending them again.
     * A connect gets no response. A second call has no effect.
     *
     * @param one a host
     * @param other another host
     */
    public void partition(String one, String other) {
        synchronized (clock) {
            wire.trace(one + " and " + other + " are apart");
            rules.partition(one, other);
        }
    }

    /**
     * Connects two separated hosts again. Bytes that have waited arrive in order, if their connection was not closed in
     * the meantime.
     *
     * @param one a host
     * @param other another host
     */
    public void heal(String one, String other) {
        synchronized (clock) {
            wire.trace(one + " and " + other + " are together");
            rules.heal(one, other);
            wire.resendHeld();
        }
    }

    /**
     * Kills everything that runs on a host: its loops end, its peers get a reset, and connects to it are refused until
     * something listens there again. {@link #startLoop} restarts it. The receivers of its connections still get the
     * call of {@code closed}, but nothing that they send then reaches another host.
     *
     * @param host a host that was named before
     * @throws IllegalArgumentException if the host was not named before
     */
    public void crash(String host) {
        crash(host, false);
    }

    /**
     * Cuts the power of a host. Its loops end, and its peers get no responses any more, until {@link #startLoop}
     * restarts it. From then on, if bytes for an old connection arrive, the sender gets a reset.
     *
     * @param host a host that was named before
     * @throws IllegalArgumentException if the host was not named before
     */
    public void powerOff(String host) {
        crash(host, true);
    }

    private void crash(String label, boolean silently) {
        List<EventLoop> ending;
        synchronized (clock) {
            SimHost host = hosts.get(label);
            if (host == null) {
                throw new IllegalArgumentException("there is no host " + label + "; " + hosts.keySet());
            }
            wire.trace(label + (silently ? " loses its power" : " crashes"));
            ending = host.crash(silently);
        }
        ending.forEach(EventLoop::close);
    }

    // Time.

    /** {@return the virtual time since the network was created} Any thread may call it. */
    public Duration now() {
        return Duration.ofNanos(clock.nowNanos());
    }

    /**
     * Lets this time pass. Everything that is due in this time happens.
     *
     * @param time the time, zero or more; with zero, everything that is due now happens
     * @throws IllegalArgumentException if the time is negative
     * @throws IllegalStateException if it is called on a loop of this network
     * @throws AssertionError if something on a loop blocks, or runs without ever waiting
     */
    public void run(Duration time) {
        drive(clock.nowNanos() + Toxics.nanos("a time", time), () -> false);
    }

    /**
     * Lets time pass until the condition is true, but at most an hour; see {@link #runUntil(String, Duration,
     * BooleanSupplier)}.
     *
     * @param what the text after "in vain until" in the exception's message
     * @param condition checked before each step, on this thread or the thread of a loop; it must not change anything
     * @throws AssertionError if the condition did not become true in this time
     */
    public void runUntil(String what, BooleanSupplier condition) {
        runUntil(what, PATIENCE, condition);
    }

    /**
     * Lets time pass until the condition is true.
     *
     * @param what the text after "in vain until" in the exception's message
     * @param within the longest time that may pass
     * @param condition checked before each step, on this thread or the thread of a loop; it must not change anything
     * @throws IllegalStateException if it is called on a loop of this network
     * @throws AssertionError if the condition did not become true; the message has the seed, and the last events
     */
    public void runUntil(String what, Duration within, BooleanSupplier condition) {
        if (!drive(clock.nowNanos() + Toxics.nanos("a time", within), condition)) {
            List<String> all = trace();
            throw new AssertionError("waited " + within + " in vain until " + what + "; seed " + seed + ", at last:\n"
                    + String.join("\n", all.subList(Math.max(0, all.size() - LINES_SHOWN), all.size())));
        }
    }

    private boolean drive(long untilNanos, BooleanSupplier condition) {
        clock.drive(untilNanos, condition);
        return condition.getAsBoolean();
    }

    /**
     * {@return the virtual time in nanoseconds, which starts shortly before it wraps around} Any thread may call it.
     */
    @Override
    public long nanos() {
        return clock.ticks();
    }

    // The trace.

    /** {@return the last 10,000 events of the run, each as a line with its time} */
    public List<String> trace() {
        synchronized (clock) {
            return clock.trace.lines();
        }
    }

    /** {@return a hash of all events and all bytes of the run; equal runs have equal hashes} */
    public long fingerprint() {
        synchronized (clock) {
            return clock.trace.hash();
        }
    }

    /** Closes the loops that {@link #startLoop} has started, in reverse order. */
    @Override
    public void close() {
        loops.reversed().forEach(EventLoop::close);
    }

    @Override
    public String toString() {
        return "simulated network, seed " + seed + ", at " + now();
    }
}
