package dev.parley.testkit;

import dev.parley.net.EventLoop;
import dev.parley.net.Ticker;
import dev.parley.net.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A network inside the process, in virtual time, with faults that are drawn from a seed: the same seed gives the same
 * run, to the bit. Loops of several hosts meet there, at {@code mem:} addresses. Only one of them runs at a time, and
 * when none has anything to do the time jumps to the next timer or arrival, so an hour of waiting takes no time.
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
 * <p>The thread of the test drives: time passes inside of {@link #run} and {@link #runUntil} alone. In between, what it
 * asks of a loop, such as {@code loop.execute} or {@code loop.close}, is done when the call returns. It must not block,
 * as nothing happens while it does; neither may what runs on the loops.
 *
 * <p>Other threads are outside of all this: handlers on virtual threads, and blocking connections, work when they have
 * the processor, while the time jumps on, and a run with them is not repeated by its seed. Give a simulation receivers,
 * and handlers on the loop. What a program draws from a random source of its own, or orders by identity, is not
 * repeated either.
 */
public final class SimNet implements Ticker, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofHours(1);
    private static final int LINES_SHOWN = 30;

    private final long seed;
    private final SimClock clock;
    private final SimRules rules = new SimRules();
    private final SimNames names = new SimNames();
    private final Map<String, SimHost> hosts = new LinkedHashMap<>();
    private final Set<SimPipe> holding = new LinkedHashSet<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private int connections;

    /**
     * A network without hosts and faults; a latency from 0.1 to 1 ms, buffers of 64 KiB in each direction.
     *
     * @param seed what all that is drawn at random comes from
     */
    public SimNet(long seed) {
        this.seed = seed;
        this.clock = new SimClock(seed);
    }

    /** {@return what all that is drawn at random comes from} */
    public long seed() {
        return seed;
    }

    // Hosts.

    /**
     * Starts a loop on a host; see {@link #startLoop(String, EventLoop.Builder)}.
     *
     * @param host is there from the first time it is named
     * @return the loop
     */
    public EventLoop startLoop(String host) {
        return startLoop(host, EventLoop.builder());
    }

    /**
     * Starts a loop on a host, and brings the host back where it has crashed. On the thread that drives.
     *
     * @param host is there from the first time it is named
     * @param settings what else the loop is made with; transport and ticker become this network's
     * @return the loop, which waits for its turn; it ends with {@link #close} at the latest
     */
    public EventLoop startLoop(String host, EventLoop.Builder settings) {
        EventLoop loop = hostOf(host).start(settings);
        loops.add(loop);
        return loop;
    }

    /**
     * {@return how a host's loops move bytes, for what starts a loop of its own, such as a {@link FaultProxy}} This
     * network has to be its ticker too. It is to be closed before the network.
     *
     * @param host is there from the first time it is named
     */
    public Transport host(String host) {
        return hostOf(host);
    }

    private SimHost hostOf(String label) {
        synchronized (clock) {
            return hosts.computeIfAbsent(label, it -> new SimHost(this, it));
        }
    }

    // Faults.

    /**
     * How long something is on its way: drawn for each piece, but none overtakes another of the same connection.
     *
     * @param min zero or more; the start value is 0.1 ms
     * @param max not below it; the start value is 1 ms
     * @return this network
     * @throws IllegalArgumentException outside of that
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
     * Cuts what is sent into pieces of random sizes, each on its way for itself.
     *
     * @param bytesMin at least 1
     * @param bytesMax not below it; at the start nothing is cut
     * @return this network
     * @throws IllegalArgumentException outside of that
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
     * How much one direction of a connection holds, on its way and unread, before its sender has to wait: drawn for
     * each of those that are made from now on.
     *
     * @param bytesMin at least 1; the start value is 64 KiB
     * @param bytesMax not below it; the start value is 64 KiB
     * @return this network
     * @throws IllegalArgumentException outside of that
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
     * Breaks connections at random: both ends see a reset in place of a piece.
     *
     * @param pieces one of so many, on average; 0, the start value, for none
     * @return this network
     * @throws IllegalArgumentException below 0
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
     * Keeps two hosts from hearing each other: what is on its way between them waits, as TCP goes on sending it, and
     * who connects hears nothing. Twice is harmless.
     *
     * @param one a host
     * @param other another one
     */
    public void partition(String one, String other) {
        synchronized (clock) {
            tell(one + " and " + other + " are apart");
            rules.partition(one, other);
        }
    }

    /**
     * Lets two hosts hear each other again: what has waited arrives, in its order, unless its connection was given up
     * meanwhile.
     *
     * @param one a host
     * @param other another one
     */
    public void heal(String one, String other) {
        synchronized (clock) {
            tell(one + " and " + other + " are together");
            rules.heal(one, other);
            var resent = List.copyOf(holding);
            holding.clear();
            resent.forEach(SimPipe::resend);
        }
    }

    /**
     * Kills what runs on a host: its loops end, its peers see a reset, and who connects is refused until somebody
     * listens there again. {@link #startLoop} is the restart. The receivers of its connections are still told that
     * these are closed, which reaches nobody.
     *
     * @param host one that was named before
     * @throws IllegalArgumentException when it was not
     */
    public void crash(String host) {
        crash(host, false);
    }

    /**
     * Takes the power from a host: its loops end, and its peers hear nothing any more, until {@link #startLoop} brings
     * it back; then what still comes for the old connections is answered with a reset.
     *
     * @param host one that was named before
     * @throws IllegalArgumentException when it was not
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
            tell(label + (silently ? " loses its power" : " crashes"));
            ending = host.crash(silently);
        }
        ending.forEach(EventLoop::close);
    }

    // Time.

    /** {@return how much time has passed since the network was made} Any thread. */
    public Duration now() {
        return Duration.ofNanos(clock.nowNanos());
    }

    /**
     * Lets so much time pass, with all that happens in it.
     *
     * @param time zero or more; zero does what is due now
     * @throws IllegalArgumentException when it is negative
     * @throws IllegalStateException on a loop of this network
     * @throws AssertionError when something on a loop blocks, or goes on without ever waiting
     */
    public void run(Duration time) {
        drive(clock.nowNanos() + Toxics.nanos("a time", time), () -> false);
    }

    /**
     * Lets up to an hour pass until the condition holds; see {@link #runUntil(String, Duration, BooleanSupplier)}.
     *
     * @param what comes after "waited in vain until" in the message
     * @param condition looked at before each step, on this thread or a loop's; looks, and changes nothing
     * @throws AssertionError when it did not come to hold
     */
    public void runUntil(String what, BooleanSupplier condition) {
        runUntil(what, PATIENCE, condition);
    }

    /**
     * Lets time pass until the condition holds, and not longer.
     *
     * @param what comes after "waited in vain until" in the message
     * @param within how much time may pass
     * @param condition looked at before each step, on this thread or a loop's; looks, and changes nothing
     * @throws IllegalStateException on a loop of this network
     * @throws AssertionError when it did not come to hold; the message has the seed, and what happened last
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

    /** {@return virtual nanoseconds, from close below the wrap-around on} Any thread. */
    @Override
    public long nanos() {
        return clock.ticks();
    }

    // What happened.

    /** {@return what has happened, each line with its time: the last 10,000 of them} */
    public List<String> trace() {
        synchronized (clock) {
            return clock.trace.lines();
        }
    }

    /** {@return a number made of all that has happened and every byte that went by: equal for equal runs} */
    public long fingerprint() {
        synchronized (clock) {
            return clock.trace.hash();
        }
    }

    /** Closes the loops that {@link #startLoop} has started, the last one first. */
    @Override
    public void close() {
        loops.reversed().forEach(EventLoop::close);
    }

    @Override
    public String toString() {
        return "simulated network, seed " + seed + ", at " + now();
    }

    // What its parts use.

    private void tell(String what) {
        clock.trace.add(clock.nowNanos(), what);
    }

    SimClock clock() {
        return clock;
    }

    SimRules rules() {
        return rules;
    }

    SimNames names() {
        return names;
    }

    int nextConnection() {
        connections++;
        return connections;
    }

    void hold(SimPipe pipe) {
        holding.add(pipe);
    }
}
