package dev.parley.net;

import dev.parley.net.text.SafeText;
import java.lang.System.Logger.Level;

/**
 * The default observer logs only what an operator should know, unless the loggers of connections and messages are
 * turned on. The text of each line is Parley's own, and is escaped. Exceptions go to the logger unchanged, with their
 * stack traces: their text is the application's, and may contain bytes that a peer has sent.
 */
final class LoggingObserver extends TextObserver {
    static final LoggingObserver INSTANCE = new LoggingObserver();

    private final System.Logger logger = System.getLogger("dev.parley");
    private final System.Logger connections;
    private final System.Logger messages = System.getLogger("dev.parley.messages");

    private LoggingObserver() {
        this(System.getLogger("dev.parley.connections"));
    }

    private LoggingObserver(System.Logger connections) {
        super(line -> connections.log(Level.DEBUG, line));
        this.connections = connections;
        EarlyLoading.begin(); // a log line needs the rules of the time zone
    }

    @Override
    boolean isRead() {
        return connections.isLoggable(Level.DEBUG);
    }

    @Override
    public boolean tracesMessages() {
        return messages.isLoggable(Level.DEBUG);
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        messages.log(Level.DEBUG, "connection " + connection.id() + ": " + line);
    }

    @Override
    public void warned(String message) {
        logger.log(Level.WARNING, SafeText.line(message));
    }

    @Override
    public void reloaded(String message) {
        logger.log(Level.INFO, SafeText.line(message));
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        logger.log(listening ? Level.INFO : Level.DEBUG, message);
    }

    @Override
    public void failed(String where, Throwable cause) {
        logger.log(Level.ERROR, SafeText.line(where), cause);
    }
}
