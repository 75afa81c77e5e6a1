package dev.parley.link;

import dev.parley.CallException;
import dev.parley.ExchangeEndedException;
import dev.parley.net.ConnectFailedException;
import java.io.IOException;

/**
 * Copies failures that several threads wait for: one event may end many calls, and each call gets an exception with its
 * own stack.
 */
public final class Failures {
    private Failures() {}

    /**
     * {@return a copy of the failure with the caller's stack; an {@link Error} and a failure other than an {@link
     * IOException} unchanged}
     *
     * @param shared the failure that others get as well
     */
    public static Throwable own(Throwable shared) {
        return shared instanceof IOException io ? own(io) : shared;
    }

    /**
     * {@return a copy of the failure with the caller's stack}
     *
     * @param shared the failure that others get as well
     */
    public static IOException own(IOException shared) {
        return switch (shared) {
            case CallException call -> call.copy();
            case ConnectFailedException failed -> failed.copy();
            case ExchangeEndedException ended -> new ExchangeEndedException(String.valueOf(ended.getMessage()));
            default -> new IOException(shared.getMessage(), shared);
        };
    }
}
