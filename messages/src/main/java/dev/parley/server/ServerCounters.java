package dev.parley.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The counters of a server, over all its connections. Any thread may use them. */
public final class ServerCounters {
    /**
     * The number of requests whose turn came, so that they were passed to a handler or refused. Requests of peer
     * discovery are not counted.
     */
    public final LongAdder requests = new LongAdder();

    /** The number of messages that were cut off by the end of their connection. */
    public final LongAdder truncated = new LongAdder();

    /** The number of control messages with names that this version does not know. */
    public final LongAdder ignoredControls = new LongAdder();

    /** The number of handlers that run on virtual threads now. */
    public final AtomicInteger handlers = new AtomicInteger();

    /** Starts with all counters at zero. */
    public ServerCounters() {}
}
