package dev.parley.cluster;

import dev.parley.Message;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request that one node passes to another.
 *
 * @param message the client's request, without its credentials
 * @param principal the name of the principal that the first node's authorizer has found; null if it has none
 * @param patience how long the response is waited for, positive; null if no limit is set
 */
public record NodeRequest(
        Message message,
        @Nullable String principal,
        @Nullable Duration patience) {
    private static final Duration PATIENCE_DEFAULT = Duration.ofSeconds(10);

    /** {@return how long the one response of a call is waited for: the patience, or ten seconds if there is none} */
    public Duration patienceOfCall() {
        return patience == null ? PATIENCE_DEFAULT : patience;
    }
}
