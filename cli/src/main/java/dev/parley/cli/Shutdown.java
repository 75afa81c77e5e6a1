package dev.parley.cli;

import dev.parley.net.host.Signals;

/**
 * Closes the running server or client when the process is asked to end. Ctrl-C and SIGTERM both start the shutdown of
 * the JVM, which waits until this is done. A second signal ends the process at once.
 */
final class Shutdown implements AutoCloseable {
    private final Thread hook;

    private Shutdown(Thread hook) {
        this.hook = hook;
    }

    static Shutdown closes(AutoCloseable running, Io io) {
        return runs(() -> {
            ServiceStatus.stopping(io);
            try {
                running.close();
                io.errLine("parley: closed");
            } catch (Exception e) {
                io.failure("closing: " + e, e, false);
            }
        });
    }

    static Shutdown runs(Runnable last) {
        Signals.endAtOnceOnTheSecond();
        var hook = new Thread(last, "parley-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        return new Shutdown(hook);
    }

    /** Returns true if the JVM is running its shutdown hooks; only then it refuses a further one. */
    static boolean isUnderWay() {
        try {
            var probe = new Thread(() -> {});
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException shuttingDown) {
            return true;
        }
    }

    /** Removes the hook. Called when the work has ended by itself, so that there is nothing left to close. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook is already running
        }
    }
}
