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

    /** The time that closing may take. A loop that writes to such a reader does not end. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Thread hook;

    private Shutdown(Thread hook) {
        this.hook = hook;
    }

    /**
     * Closes the running servers or clients, for 10 s at most, and prints a line about it.
     *
     * @throws IllegalStateException if the process is ending already
     */
    static Shutdown closes(AutoCloseable running, Io io) {
        return closes(running, CLOSING, io);
    }

    /**
     * Does the same for something that may take longer to close. The process ends after {@code patience} in any case.
     */
    static Shutdown closes(AutoCloseable running, Duration patience, Io io) {
        return runs(() -> {
            ServiceStatus.stopping(io);
            within(patience, "parley-closing", () -> close(running, io));
        });
    }

    private static void close(AutoCloseable running, Io io) {
        try {
            running.close();
            errLine("parley: closed", io);
        } catch (Exception e) {
            errLine("parley: closing: " + e, io);
        }
    }

    /** Erases the progress line. Called only if the terminal redraws lines. */
    static Shutdown erasesProgress(Io io) {
        return runs(() -> withinLastWord(io::eraseProgress));
    }

    /** Prints the messages that were held back. Leaves the signals alone: a pager has its own handler of Ctrl-C. */
    static Shutdown releasesMessages(Io io) {
        return hooked(() -> withinLastWord(io::releaseMessages));
    }

    /** Prints a message while the process ends. If its reader has stopped, the message is lost. */
    static void errLine(String line, Io io) {
        errLine(line, LAST_WORD, io);
    }

    /** The same, with the time that the reader has. */
    static void errLine(String line, Duration patience, Io io) {
        within(patience, "parley-last-word", () -> io.errLine(line));
    }

    private static void withinLastWord(Runnable prints) {
        within(LAST_WORD, "parley-last-word", prints);
    }

    /** Each thread that writes locks the streams, and a thread that writes to a full pipe does not end. */
    private static void within(Duration patience, String name, Runnable work) {
        Thread working = Thread.ofPlatform().daemon().name(name).start(work);
        try {
            var _ = working.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Shutdown runs(Runnable last) {
        Signals.endAtOnceOnTheSecond();
        return hooked(last);
    }

    private static Shutdown hooked(Runnable last) {
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
