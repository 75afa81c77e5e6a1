package dev.parley.cluster;

import dev.parley.Message;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request that one node passes to another.
 *
 * @param message the client's request, without its credentials
 * @param principal the name of the principal that the first node's authorizer has found; null if it has none
 * @param patience how long the response is waited for; positive
 */
public record NodeRequest(Message message, @Nullable String principal, Duration patience) {}
