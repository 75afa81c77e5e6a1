package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a server over all its connections; any thread. */
public final class ServerCounters {
    /**
     * Requests whose turn came: they were given to a handler, or refused. The question of peer discovery is not
     * counted.
     */
    public final LongAdder requests = new LongAdder();

    /** Messages that were cut off by the end of their connection. */
    public final LongAdder truncated = new LongAdder();

    /** Control messages with names that this version does not know. */
    public final LongAdder ignoredControls = new LongAdder();

    /** Handlers that run on virtual threads now. */
    public final AtomicInteger handlers = new AtomicInteger();

    /** Starts with all counters at zero. */
    public ServerCounters() {}
}
