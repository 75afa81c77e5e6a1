package dev.parley.server;

import java.util.concurrent.atomic.LongAdder;

/** What a server counts over all its connections; any thread. */
public final class Counters {
    /** Requests that a handler was given. */
    public final LongAdder requests = new LongAdder();

    /** Messages that were cut off by the end of their connection. */
    public final LongAdder truncated = new LongAdder();

    /** Control messages, which nothing here knows yet. */
    public final LongAdder ignoredControls = new LongAdder();

    /** All zero. */
    public Counters() {}
}
