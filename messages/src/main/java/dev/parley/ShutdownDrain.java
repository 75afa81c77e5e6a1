package dev.parley;

import dev.parley.net.host.Signals;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts the drain of a server when its process ends, with the times that {@link Server#drainOnShutdown} was given; the
 * drain itself is {@link Server#drain}. A shutdown hook drains the server, and then waits until the threads that were
 * in {@link Server#join} have ended. Without this wait, the JVM would stop these threads in the code after {@code
 * join}, as soon as the last hook had ended.
 */
final class ShutdownDrain {
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    private final Server server;
    private final Set<Thread> joining = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Thread hook;

    ShutdownDrain(Server server) {
        this.server = server;
    }

    /**
     * Sets the delay and the grace period, and adds the hook. Any thread may call this method. The last call counts.
     */
    synchronized void set(Duration delay, Duration grace) {
        unset();
        Signals.endAtOnceOnTheSecond();
        var next = new Thread(() -> run(delay, grace), "parley-shutdown");
        Runtime.getRuntime().addShutdownHook(next);
        hook = next;
    }

    /** Removes the hook. Called when the server is closed, since there is nothing left to drain. */
    synchronized void unset() {
        Thread known = hook;
        if (known == null) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(known);
            hook = null;
        } catch (IllegalStateException shuttingDown) {
            return; // the hook is running already, and will close the server
        }
    }

    void joins(Thread thread) {
        joining.add(thread);
    }

    void joined(Thread thread) {
        joining.remove(thread);
    }

    private void run(Duration delay, Duration grace) {
        List<Thread> waiting = List.copyOf(joining);
        try {
            server.drain(delay, grace);
            long endNanos = Ticker.SYSTEM.nanos() + Durations.nanos(grace);
            for (Thread thread : waiting) {
                awaitEnd(thread, endNanos);
            }
        } catch (InterruptedException endedAtOnce) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for the end of a thread. Does not wait if the thread itself has called {@code System.exit}: that method
     * waits for all hooks, so this hook would wait for itself.
     */
    private static void awaitEnd(Thread thread, long endNanos) throws InterruptedException {
        while (!thread.join(LOOK_EVERY) && endNanos - Ticker.SYSTEM.nanos() > 0 && !isInExit(thread)) {}
    }

    private static boolean isInExit(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Shutdown")) {
                return true;
            }
        }
        return false;
    }
}
