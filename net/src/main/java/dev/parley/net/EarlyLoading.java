package dev.parley.net;

import java.time.ZoneId;

/**
 * Loads the rules of the time zone early, for the dates of log lines: they are in a file, and later there may be no
 * descriptor left to open it. It does so on a thread of its own, so that a program need not wait for it when it starts.
 */
final class EarlyLoading {
    static {
        Thread.ofPlatform().daemon().name("parley-early-loading").start(EarlyLoading::load);
    }

    private EarlyLoading() {}

    /** Begins to load, if no earlier call has begun. Returns at once. */
    static void begin() {
        // The first use of this class begins it.
    }

    private static void load() {
        var _ = ZoneId.systemDefault().getRules();
    }
}
