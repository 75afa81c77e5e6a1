package dev.parley.client;

import dev.parley.Message;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The data with which a call or stream begins.
 *
 * @param action the name of the action; null if the request already contains it, or has no action
 * @param request the request, or the first message of a stream, with all its keys except those that the client adds
 * @param timeout the longest time; zero for no limit, negative if the time is over already
 * @param waitForReady whether to wait for a server that cannot be reached; null for the client's setting
 */
public record CallSetup(
        @Nullable String action,
        Message request,
        Duration timeout,
        @Nullable Boolean waitForReady) {
    /** Returns this setup with another request. */
    CallSetup with(Message other) {
        return new CallSetup(action, other, timeout, waitForReady);
    }

    /** Returns this setup with another timeout. */
    CallSetup within(Duration other) {
        return new CallSetup(action, request, other, waitForReady);
    }
}
