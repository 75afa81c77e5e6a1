package dev.parley.net;

import java.time.ZoneId;

/**
 * Loads early what needs a free descriptor, since later there may be none left: the rules of the time zone, for the
 * dates of log lines, which are in a file, and the system's words for errors, which are found out with sockets. It does
 * so on a thread of its own, so that a program need not wait for it when it starts.
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
        var _ = SystemMessages.HERE.mayBeTimeout();
    }
}
