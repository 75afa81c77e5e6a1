package dev.parley.server;

import dev.parley.ExchangeHandler;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes.
 *
 * @param handler what answers it; of a stream, never asked
 * @param onLoop whether it runs on the connection's loop, and so must not block; otherwise on a virtual thread
 * @param stream what answers it where it opens a stream; null where it is one message and one answer
 */
public record Route(
        ExchangeHandler handler, boolean onLoop, @Nullable StreamWork stream) {
    /** One message and one answer. */
    public Route(ExchangeHandler handler, boolean onLoop) {
        this(handler, onLoop, null);
    }

    /** A stream, on a virtual thread. */
    public static Route ofStream(StreamWork stream) {
        return new Route((request, exchange) -> request, false, stream);
    }
}
