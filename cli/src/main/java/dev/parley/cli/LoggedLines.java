package dev.parley.cli;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What a program that is run logs of Parley, details included, as the lines of a command; until it is closed. A program
 * that sets up the loggers itself has the last word.
 */
final class LoggedLines extends Handler implements AutoCloseable {
    private static final String NAME = "dev.parley";

    private final Io io;

    /** Held, since the system forgets a logger that nobody holds, and its level with it. */
    private final Logger logger = Logger.getLogger(NAME);

    LoggedLines(Io io) {
        this.io = io;
        logger.setLevel(Level.FINE);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord line) {
        Throwable thrown = line.getThrown();
        if (thrown == null) {
            io.errLine("parley: " + line.getMessage());
        } else {
            io.failure(line.getMessage() + ": " + thrown, thrown, true);
        }
    }

    @Override
    public void flush() {
        // Lines are printed as they come.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }
}
