package dev.parley.server;

import dev.parley.ExchangeHandler;
import dev.parley.Message;
import org.jspecify.annotations.Nullable;

/**
 * The route of a request: what handles it, and how.
 *
 * @param handler what answers it; never called for a stream
 * @param onLoop whether it runs on the connection's loop, and so must not block; otherwise on a virtual thread
 * @param stream what answers it if it opens a stream; null if it is one message and one response
 * @param refusal the error that answers it if it has no handler; null if it has one
 * @param sizes how large its responses are
 * @param question the type that a handler on the loop makes of a content before all else; null if it takes the content
 *     as it is, or runs on a virtual thread
 * @param interrupts whether its handler is interrupted when no one waits for the response any more
 */
public record Route(
        ExchangeHandler handler,
        boolean onLoop,
        @Nullable StreamWork stream,
        @Nullable Message refusal,
        ResponseSizes sizes,
        @Nullable Class<?> question,
        boolean interrupts) {
    /** Makes the route of a request with one message and one response. */
    public Route(ExchangeHandler handler, boolean onLoop) {
        this(handler, onLoop, null, null, new ResponseSizes(), null, true);
    }

    /** Returns the route of a stream, whose handler runs on a virtual thread. */
    public static Route ofStream(StreamWork stream) {
        return new Route((request, exchange) -> request, false, stream, null, new ResponseSizes(), null, true);
    }

    /** Returns the route of a request that has no handler, and is answered with this error. */
    static Route refusing(Message error) {
        return new Route((request, exchange) -> error, true, null, error, new ResponseSizes(), null, true);
    }

    /** Returns this route with a handler that is interrupted, or is not. */
    public Route interrupting(boolean interrupting) {
        return interrupting == interrupts
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, question, interrupting);
    }

    /** Returns this route with a handler on the loop that makes this type of a content. */
    public Route binding(@Nullable Class<?> type) {
        return type == question ? this : new Route(handler, onLoop, stream, refusal, sizes, type, interrupts);
    }

    /** Returns true if a handler answers it on a virtual thread, with one message. */
    boolean isApart() {
        return !onLoop && stream == null;
    }
}
