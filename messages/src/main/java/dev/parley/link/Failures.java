package dev.parley.link;

import dev.parley.CallException;
import dev.parley.ExchangeEndedException;
import dev.parley.net.ConnectFailedException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Copies exceptions that several threads get. One event may end many calls, and each call needs an exception with the
 * stack trace of its own thread.
 */
public final class Failures {
    private Failures() {}

    /**
     * {@return a copy of the failure with the caller's stack trace; the failure itself if it is not an {@link
     * IOException}}
     *
     * @param shared the failure, which other threads get as well
     */
    public static Throwable own(Throwable shared) {
        return shared instanceof IOException io ? own(io) : shared;
    }

    /**
     * {@return the exception that made a stage fail, without the wrapper that the stage, or the wait for it, has added}
     *
     * @param thrown the failure of a stage, or any other exception, which is returned unchanged
     */
    public static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown.getCause();
        boolean isOfStage = thrown instanceof CompletionException || thrown instanceof ExecutionException;
        return isOfStage && cause != null ? cause : thrown;
    }

    /**
     * {@return a copy of the failure with the caller's stack trace}
     *
     * @param shared the failure, which other threads get as well
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
