package dev.parley.link;

import dev.parley.CallException;
import dev.parley.ExchangeEndedException;
import dev.parley.net.ConnectFailedException;
import java.io.IOException;

/** Failures that several wait for: one event may end many calls, and each of those has a stack of its own. */
public final class Failures {
    private Failures() {}

    /**
     * {@return the same failure as an object of its own, made where this is called; an {@link Error} and a failure that
     * is no I/O as it is}
     *
     * @param shared what others are told as well
     */
    public static Throwable own(Throwable shared) {
        return shared instanceof IOException io ? own(io) : shared;
    }

    /**
     * {@return the same failure as an object of its own, made where this is called}
     *
     * @param shared what others are told as well
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
