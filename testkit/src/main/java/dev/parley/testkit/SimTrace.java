package dev.parley.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The trace of a simulation: its last 10,000 lines, and a hash of all lines and bytes. The clock's monitor guards it.
 */
final class SimTrace {
    private static final int LINES_MAX = 10_000;

    /** The start value of the hash FNV-1a. Its 64 bits are enough to distinguish two runs. */
    private static final long FNV_START = 0xcbf29ce484222325L;

    private static final long FNV_PRIME = 0x100000001b3L;

    private final Deque<String> lines = new ArrayDeque<>();
    private long hash = FNV_START;

    void add(long nanos, String what) {
        add(String.format("%d.%06d ms %s", nanos / 1_000_000, nanos % 1_000_000, what));
    }

    private void add(String line) {
        if (lines.size() == LINES_MAX) {
            lines.remove();
        }
        lines.add(line);
        take(line.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes of a connection to the hash of the trace, but not to its lines. */
    void take(byte[] bytes) {
        for (byte next : bytes) {
            hash = (hash ^ next) * FNV_PRIME;
        }
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    long hash() {
        return hash;
    }
}
