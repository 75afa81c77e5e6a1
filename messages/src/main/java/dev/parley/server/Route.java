package dev.parley.server;

import dev.parley.ExchangeHandler;
import dev.parley.Message;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes.
 *
 * @param handler what answers it; of a stream, never asked
 * @param onLoop whether it runs on the connection's loop, and so must not block; otherwise on a virtual thread
 * @param stream what answers it where it opens a stream; null where it is one message and one answer
 * @param refusal what it is answered if nobody handles it; null if somebody does
 * @param sizes how large its answers are
 * @param question what a handler on the loop makes of a content before all else; null if it takes it as it is, or runs
 *     on a virtual thread
 * @param interrupts whether its handler is interrupted when nobody waits for the answer any more
 */
public record Route(
        ExchangeHandler handler,
        boolean onLoop,
        @Nullable StreamWork stream,
        @Nullable Message refusal,
        ResponseSizes sizes,
        @Nullable Class<?> question,
        boolean interrupts) {
    /** One message and one answer. */
    public Route(ExchangeHandler handler, boolean onLoop) {
        this(handler, onLoop, null, null, new ResponseSizes(), null, true);
    }

    /** A stream, on a virtual thread. */
    public static Route ofStream(StreamWork stream) {
        return new Route((request, exchange) -> request, false, stream, null, new ResponseSizes(), null, true);
    }

    /** Nobody: a request that is answered with this error. */
    static Route refusing(Message error) {
        return new Route((request, exchange) -> error, true, null, error, new ResponseSizes(), null, true);
    }

    /** This one, whose handler is interrupted or not. */
    public Route interrupting(boolean interrupting) {
        return interrupting == interrupts
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, question, interrupting);
    }

    /** This one, whose handler on the loop makes this of a content. */
    public Route binding(@Nullable Class<?> type) {
        return type == question ? this : new Route(handler, onLoop, stream, refusal, sizes, type, interrupts);
    }

    /** Whether a handler answers it on a virtual thread, with one message. */
    boolean isApart() {
        return !onLoop && stream == null;
    }
}
