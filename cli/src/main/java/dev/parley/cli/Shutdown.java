package dev.parley.cli;

import dev.parley.net.host.Signals;
import java.time.Duration;

/**
 * Closes the running server or client when the process is asked to end. Ctrl-C and SIGTERM both start the shutdown of
 * the JVM, which waits until this is done. A second signal ends the process at once.
 */
final class Shutdown implements AutoCloseable {
    /** A reader that has stopped does not keep the process from its end for longer. */
    private static final Duration LAST_WORD = Duration.ofSeconds(1);

    private final Thread hook;

    private Shutdown(Thread hook) {
        this.hook = hook;
    }

    /**
     * Closes what runs, and prints a line about it.
     *
     * @throws IllegalStateException if the process is ending already
     */
    static Shutdown closes(AutoCloseable running, Io io) {
        return runs(() -> {
            ServiceStatus.stopping(io);
            try {
                running.close();
                errLine("parley: closed", io);
            } catch (Exception e) {
                errLine("parley: closing: " + e, io);
            }
        });
    }

    /** Erases the progress line. Called only if the terminal redraws lines. */
    static Shutdown erasesProgress(Io io) {
        return runs(() -> withinLastWord(io::eraseProgress));
    }

    /** Prints a message while the process ends. If its reader has stopped, the message is lost. */
    static void errLine(String line, Io io) {
        withinLastWord(() -> io.errLine(line));
    }

    /** The streams are locked by each thread that writes, and a thread that writes to a full pipe does not end. */
    private static void withinLastWord(Runnable prints) {
        Thread printing = Thread.ofPlatform().daemon().name("parley-last-word").start(prints);
        try {
            var _ = printing.join(LAST_WORD);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Shutdown runs(Runnable last) {
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
