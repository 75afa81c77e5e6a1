package dev.parley.uring;

import java.util.EnumSet;
import java.util.Set;

/** Logs the shortages of a ring, once for each kind. Used on the loop's thread. */
final class ShortageLog {
    private static final System.Logger LOGGER = System.getLogger("dev.parley");

    private final Set<Shortage> told = EnumSet.noneOf(Shortage.class);

    void met(Shortage shortage) {
        if (told.add(shortage)) {
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    () -> "io_uring: " + shortage.text() + " (logged once for the loop "
                            + Thread.currentThread().getName() + ")");
        }
    }

    /** Returns the kinds of shortages that were logged so far. */
    Set<Shortage> told() {
        return Set.copyOf(told);
    }
}
