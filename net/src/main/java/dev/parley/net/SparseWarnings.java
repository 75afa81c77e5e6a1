package dev.parley.net;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The warnings of a listener. Each kind is passed on at most once in 10 s, so that a flood of new connections does not
 * become a flood of log lines, and does not hide the other kinds. Used on the loop's thread.
 */
final class SparseWarnings {
    private static final long EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    /** The kinds of warnings. */
    enum Kind {
        /** There was no room for a connection. */
        TURNED_AWAY,
        /** The system could not accept. */
        ACCEPT_FAILED,
        /** A peer was not let in. */
        REFUSED
    }

    private final LongSupplier nowNanos;
    private final Consumer<String> warned;
    private final Map<Kind, Long> lastNanos = new EnumMap<>(Kind.class);

    SparseWarnings(LongSupplier nowNanos, Consumer<String> warned) {
        this.nowNanos = nowNanos;
        this.warned = warned;
    }

    void warn(Kind kind, String message) {
        long now = nowNanos.getAsLong();
        Long last = lastNanos.get(kind);
        if (last == null || now - last >= EVERY_NANOS) {
            lastNanos.put(kind, now);
            warned.accept(message);
        }
    }
}
