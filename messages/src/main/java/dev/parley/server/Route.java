package dev.parley.server;

import dev.parley.Codec;
import dev.parley.Handler;
import dev.parley.Message;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The route of a request: which handler handles the request, and on which thread.
 *
 * @param handler the handler of the request; never called for a stream
 * @param onLoop true if the handler runs on the connection's loop, and so must not block; false if it runs on a virtual
 *     thread
 * @param stream the handler of a stream; null if a request and its response are one message each
 * @param refusal the error response to a request that has no handler; null if it has one
 * @param sizes the sizes of the handler's recent responses
 * @param question the codec by which the content is bound before a handler on the loop is called; null if the handler
 *     takes the message itself, or runs on a virtual thread
 * @param interrupts whether the handler's thread is interrupted when no one waits for the response any more
 */
public record Route(
        Handler<Message, Message> handler,
        boolean onLoop,
        @Nullable StreamWork stream,
        @Nullable Message refusal,
        ResponseSizes sizes,
        @Nullable Codec<?> question,
        boolean interrupts) {
    /** Makes the route of requests that are one message and have one response. */
    public Route(Handler<Message, Message> handler, boolean onLoop) {
        this(handler, onLoop, null, null, new ResponseSizes(), null, true);
    }

    /** Returns the route of a stream, whose handler runs on a virtual thread. */
    public static Route ofStream(StreamWork stream) {
        return new Route((request, exchange) -> request, false, stream, null, new ResponseSizes(), null, true);
    }

    /**
     * Returns the route of a stream whose handler runs on the loop. The handler returns null at once, and ends the
     * stream later by {@link LoopStream#complete}.
     */
    public static Route ofLoopStream(StreamWork stream) {
        return new Route((request, exchange) -> request, true, stream, null, new ResponseSizes(), null, true);
    }

    /** Returns the route of a request that has no handler. This error is the response. */
    static Route refusing(Message error) {
        return new Route((request, exchange) -> error, true, null, error, new ResponseSizes(), null, true);
    }

    /** Returns this route with another value of {@code interrupts}. */
    public Route interrupting(boolean interrupting) {
        return interrupting == interrupts
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, question, interrupting);
    }

    /** Returns this route with another codec of the question. */
    public Route binding(@Nullable Codec<?> codec) {
        return Objects.equals(codec, question)
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, codec, interrupts);
    }

    /** Returns true if the handler runs on a virtual thread, and answers with one message. */
    boolean isApart() {
        return !onLoop && stream == null;
    }
}
