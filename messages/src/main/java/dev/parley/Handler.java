package dev.parley;

import org.jspecify.annotations.Nullable;

/**
 * Your function from a request to its response. It gets the question, and the exchange, which knows the client, the
 * header and the time that is left. A handler that needs the question alone is a {@link Simple} one. One handler serves
 * all connections, many requests at once.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Server server = Server.builder()
 *         .on(Action.of("search", Search.class, Answer.class), search -> new Answer("No match for " + search.value()))
 *         .on("who", (request, exchange) -> Message.text("you are " + exchange.connection().peerAddress()))
 *         .onLoop("shout", request -> Message.text(request.text().toUpperCase(Locale.ROOT))) // it never blocks
 *         .listen("tcp://localhost:0");
 * }
 *
 * @param <Q> the question's type; {@link Message} for a raw handler, which gets requests unchanged
 * @param <A> the answer's type; {@link Message} for a raw handler
 */
@FunctionalInterface
public interface Handler<Q extends @Nullable Object, A extends @Nullable Object> {
    /**
     * Handles one request. The handler runs on a virtual thread, or on the server's loop if it was registered with
     * {@code onLoop} or {@code otherwiseOnLoop}. On the loop, a handler must not block: while it runs, every connection
     * of that loop waits. On a virtual thread, a handler is interrupted when the client no longer waits for its answer.
     *
     * @param question the question; null only if the action has no content ({@link Void}). A raw handler on the loop
     *     gets a request that is lent, see {@link Message#kept}; a handler that returns its request sends it back
     * @param exchange the exchange of this request
     * @return the answer, never null, except if the action's answer has no content
     * @throws RequestRejectedException to refuse the request with an error code of the protocol
     * @throws ApplicationException to respond with the error {@code failed}, and a code of the application
     * @throws ContentException if the content is not what the handler expects; answered with {@code bad-content}
     * @throws Exception any other exception is answered with {@code internal}, without details; the exception is logged
     */
    A handle(Q question, Exchange exchange) throws Exception;

    /**
     * A handler that needs only the question.
     *
     * @param <Q> the question's type, as for {@link Handler}
     * @param <A> the answer's type, as for {@link Handler}
     */
    @FunctionalInterface
    interface Simple<Q extends @Nullable Object, A extends @Nullable Object> {
        /**
         * Handles one request; see {@link Handler#handle}.
         *
         * @param question the question
         * @return the answer
         * @throws Exception as for {@link Handler#handle}
         */
        A handle(Q question) throws Exception;
    }
}
