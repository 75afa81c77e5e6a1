package dev.parley.testkit;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The faults of a simulated network, as the test has set them: latencies, sizes of pieces and buffers, resets, and
 * separated hosts. The monitor of the {@link SimClock} guards them.
 */
final class SimRules {
    /** Two separated hosts, in either order. */
    private record Pair(String one, String other) {
        static Pair of(String one, String other) {
            return one.compareTo(other) <= 0 ? new Pair(one, other) : new Pair(other, one);
        }
    }

    long latencyMinNanos = 100_000;
    long latencyMaxNanos = Duration.ofMillis(1).toNanos();
    int pieceMin = Integer.MAX_VALUE;
    int pieceMax = Integer.MAX_VALUE;
    int bufferMin = 64 * 1024;
    int bufferMax = 64 * 1024;

    /** On average, one in this many pieces breaks its connection; 0 if none does. */
    int resetOneIn;

    private final Set<Pair> partitions = new HashSet<>();

    void partition(String one, String other) {
        partitions.add(Pair.of(one, other));
    }

    void heal(String one, String other) {
        partitions.remove(Pair.of(one, other));
    }

    boolean areApart(String one, String other) {
        return !partitions.isEmpty() && partitions.contains(Pair.of(one, other));
    }

    long drawLatency(RandomGenerator random) {
        return draw(random, latencyMinNanos, latencyMaxNanos);
    }

    int drawPiece(RandomGenerator random) {
        return (int) draw(random, pieceMin, pieceMax);
    }

    int drawBuffer(RandomGenerator random) {
        return (int) draw(random, bufferMin, bufferMax);
    }

    private static long draw(RandomGenerator random, long min, long max) {
        return min == max ? min : random.nextLong(min, max + 1);
    }
}
