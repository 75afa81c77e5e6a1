package dev.parley;

import org.jspecify.annotations.Nullable;

/**
 * Your function from one question to many answers. The handler runs on a virtual thread and may block. The stream ends
 * when the handler returns.
 *
 * @param <Q> the question's type
 * @param <A> the type of each answer
 */
@FunctionalInterface
public interface StreamHandler<Q extends @Nullable Object, A> {
    /**
     * Handles one question.
     *
     * @param question the question; null only if the action has no content ({@link Void})
     * @param out the stream to which the handler sends the answers
     * @param exchange the exchange, which knows the client, how long the client waits, and whether it still waits
     * @throws Exception if the handler fails; the client reads the answers that were sent before, and then the error;
     *     see {@link Handler#handle}
     */
    void handle(Q question, OutStream<A> out, Exchange exchange) throws Exception;

    /**
     * A handler that does not need the exchange.
     *
     * @param <Q> the question's type
     * @param <A> the type of each answer
     */
    @FunctionalInterface
    interface Simple<Q extends @Nullable Object, A> {
        /**
         * Handles one question; see {@link StreamHandler#handle}.
         *
         * @param question the question
         * @param out the stream to which the handler sends the answers
         * @throws Exception as for {@link StreamHandler#handle}
         */
        void handle(Q question, OutStream<A> out) throws Exception;
    }
}
