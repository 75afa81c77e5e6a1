package dev.parley;

import org.jspecify.annotations.Nullable;

/**
 * Your function from many values to one answer. The handler runs on a virtual thread and may block. When the handler
 * returns, the values that it has not read are dropped.
 *
 * @param <Q> the type of each value
 * @param <A> the answer's type
 */
@FunctionalInterface
public interface UploadHandler<Q, A extends @Nullable Object> {
    /**
     * Handles the values of one client.
     *
     * @param in the stream of values
     * @param exchange the exchange, which knows the client, how long the client waits, and whether it still waits
     * @return the answer, never null, except if the action's answer has no content
     * @throws Exception if the handler fails; see {@link Handler#handle}
     */
    A handle(InStream<Q> in, Exchange exchange) throws Exception;

    /**
     * A handler that does not need the exchange.
     *
     * @param <Q> the type of each value
     * @param <A> the answer's type
     */
    @FunctionalInterface
    interface Simple<Q, A extends @Nullable Object> {
        /**
         * Handles the values of one client; see {@link UploadHandler#handle}.
         *
         * @param in the stream of values
         * @return the answer
         * @throws Exception as for {@link UploadHandler#handle}
         */
        A handle(InStream<Q> in) throws Exception;
    }
}
