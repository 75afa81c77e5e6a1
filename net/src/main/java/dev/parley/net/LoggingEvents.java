package dev.parley.net;

import java.lang.System.Logger.Level;
import java.time.ZoneId;

/** The default listener: silent but for what an operator should know. */
final class LoggingEvents implements Events {
    static final LoggingEvents INSTANCE = new LoggingEvents();

    private final System.Logger logger = System.getLogger("dev.parley");

    /** A log line's date needs the zone rules, a file: read it now, since later there may be no descriptor left. */
    private LoggingEvents() {
        var _ = ZoneId.systemDefault().getRules();
    }

    @Override
    public boolean seesTraffic() {
        return false;
    }

    @Override
    public void warned(String message) {
        logger.log(Level.WARNING, message);
    }

    @Override
    public void failed(String where, Throwable cause) {
        logger.log(Level.ERROR, where, cause);
    }
}
