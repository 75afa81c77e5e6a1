package dev.parley;

import dev.parley.link.StreamReceiver;
import dev.parley.link.TypedIn;
import dev.parley.link.TypedOut;
import dev.parley.server.Route;
import org.jspecify.annotations.Nullable;

/** Turns the handlers of typed actions into those of messages, by the codecs of the actions. */
final class TypedHandlers {
    private TypedHandlers() {}

    static <Q extends @Nullable Object, A extends @Nullable Object> Handler<Message, Message> typed(
            Action<Q, A> action, Handler<Q, A> handler) {
        Codec<Q> question = action.question();
        Codec<A> answer = action.answer();
        return (request, exchange) -> Codecs.writeResult(answer, handler.handle(request.to(question), exchange));
    }

    /** Returns a handler that leaves out the exchange. */
    static <Q extends @Nullable Object, A extends @Nullable Object> Handler<Q, A> full(Handler.Simple<Q, A> handler) {
        return (question, exchange) -> handler.handle(question);
    }

    static <Q extends @Nullable Object, A> Route duplex(Action<Q, A> action, DuplexHandler<Q, A> handler) {
        return Route.ofStream((in, out, exchange) -> {
            handler.handle(
                    in(action, in), new TypedOut<>(out, value -> Codecs.write(action.answer(), value)), exchange);
            return null;
        });
    }

    static <Q extends @Nullable Object, A> Route stream(Action<Q, A> action, StreamHandler<Q, A> handler) {
        return duplex(action, (in, out, exchange) -> {
            Q question = in.receive();
            handler.handle(
                    question != null ? question : Codecs.ofEnd(action.question(), TypedHandlers::noQuestion),
                    out,
                    exchange);
        });
    }

    /**
     * Returns the incoming direction of a stream. To close it has no effect, since the values that a handler leaves
     * unread are dropped anyway when the handler returns.
     */
    static <Q extends @Nullable Object> InStream<Q> in(Action<Q, ?> action, StreamReceiver in) {
        return new TypedIn<>(in, message -> message.to(action.question()), () -> {});
    }

    static ContentException noQuestion() {
        return ContentException.bad("the content is empty; it must hold a question", null);
    }
}
