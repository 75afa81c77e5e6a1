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
 * @param action the name of the action, for logs and observers; null if the route is that of several actions
 */
public record Route(
        Handler<Message, Message> handler,
        boolean onLoop,
        @Nullable StreamWork stream,
        @Nullable Message refusal,
        ResponseSizes sizes,
        @Nullable Codec<?> question,
        boolean interrupts,
        @Nullable String action) {
    /** Makes the route of requests that are one message and have one response. */
    public Route(Handler<Message, Message> handler, boolean onLoop) {
        this(handler, onLoop, null, null, new ResponseSizes(), null, true, null);
    }

    /** Returns the route of a stream, whose handler runs on a virtual thread. */
    public static Route ofStream(StreamWork stream) {
        return new Route((request, exchange) -> request, false, stream, null, new ResponseSizes(), null, true, null);
    }

    /**
     * Returns the route of a stream whose handler runs on the loop. The handler returns null at once, and ends the
     * stream later by {@link LoopStream#complete}.
     */
    public static Route ofLoopStream(StreamWork stream) {
        return new Route((request, exchange) -> request, true, stream, null, new ResponseSizes(), null, true, null);
    }

    /** Returns the route of a request that has no handler. This error is the response. */
    static Route refusing(Message error) {
        return new Route((request, exchange) -> error, true, null, error, new ResponseSizes(), null, true, null);
    }

    /** Returns this route with another value of {@code interrupts}. */
    public Route interrupting(boolean interrupting) {
        return interrupting == interrupts
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, question, interrupting, action);
    }

    /** Returns this route with another codec of the question. */
    public Route binding(@Nullable Codec<?> codec) {
        return Objects.equals(codec, question)
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, codec, interrupts, action);
    }

    /** Returns this route with the name of an action; null for none. */
    public Route named(@Nullable String name) {
        return Objects.equals(name, action)
                ? this
                : new Route(handler, onLoop, stream, refusal, sizes, question, interrupts, name);
    }

    /**
     * Returns the action of a request that has this route, for a log. Returns null if the request names none. Creates
     * an object only if the route itself has no name.
     */
    @Nullable
    String actionOf(Message request) {
        return action == null ? Router.actionOf(request) : action;
    }

    /** Returns true if the handler runs on a virtual thread, and answers with one message. */
    boolean isApart() {
        return !onLoop && stream == null;
    }
}
