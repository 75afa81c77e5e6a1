package dev.parley.net;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The warnings of a listener. Each kind is passed on at most once in 10 s, so that a flood of new connections does not
 * become a flood of log lines, and does not hide the other kinds. The next line of a kind says how many were left out.
 * Used on the loop's thread.
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

    /** The warnings of one kind so far. */
    private static final class Said {
        long lastNanos;
        long leftOut;
    }

    private final LongSupplier nowNanos;
    private final Consumer<String> warned;
    private final Map<Enum<?>, Said> saidOf = new HashMap<>();

    SparseWarnings(LongSupplier nowNanos, Consumer<String> warned) {
        this.nowNanos = nowNanos;
        this.warned = warned;
    }

    /**
     * Passes a warning on, or leaves it out.
     *
     * @param kind a {@link Kind}, or a more exact reason, of which there are few
     */
    void warn(Enum<?> kind, String message) {
        long now = nowNanos.getAsLong();
        Said said = saidOf.get(kind);
        if (said == null) {
            said = new Said();
            saidOf.put(kind, said);
        } else if (now - said.lastNanos < EVERY_NANOS) {
            said.leftOut++;
            return;
        }
        long leftOut = said.leftOut;
        said.lastNanos = now;
        said.leftOut = 0;
        warned.accept(leftOut == 0 ? message : message + " (" + leftOut + " more of this kind were not reported)");
    }
}
