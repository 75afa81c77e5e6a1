package dev.parley.cli;

import dev.parley.net.text.SafeText;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Prints everything that a running program logs to the logger of Parley, including details, as lines of the command,
 * until this object is closed. If the program configures the loggers itself, the program's configuration applies.
 */
final class LoggedLines extends Handler implements AutoCloseable {
    private static final String NAME = "dev.parley";

    private final Io io;

    /**
     * The logger. It is kept in a field, since the logging system forgets a logger without references, and its level.
     */
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
            io.errLine(SafeText.line("parley: " + line.getMessage()));
        } else {
            io.failure(SafeText.line(line.getMessage() + ": " + thrown), thrown, true);
        }
    }

    @Override
    public void flush() {
        // Lines are printed at once.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }
}
