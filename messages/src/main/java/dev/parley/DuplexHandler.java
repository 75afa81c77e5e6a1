package dev.parley;

/**
 * Your side of a stream in both directions. The handler runs on a virtual thread and may block. The stream ends when
 * the handler returns.
 *
 * @param <Q> the type of the values to receive
 * @param <A> the type of the values to send
 */
@FunctionalInterface
public interface DuplexHandler<Q, A> {
    /**
     * Handles the stream of one client.
     *
     * @param in the values that the client sends
     * @param out the values that the client gets
     * @param exchange the exchange, which knows the client, how long the client waits, and whether it still waits
     * @throws Exception if the handler fails; the client reads the values that were sent before, and then the error;
     *     see {@link Handler#handle}
     */
    void handle(InStream<Q> in, OutStream<A> out, Exchange exchange) throws Exception;

    /**
     * A handler that does not need the exchange.
     *
     * @param <Q> the type of the values to receive
     * @param <A> the type of the values to send
     */
    @FunctionalInterface
    interface Simple<Q, A> {
        /**
         * Handles the stream of one client; see {@link DuplexHandler#handle}.
         *
         * @param in the values that the client sends
         * @param out the values that the client gets
         * @throws Exception as for {@link DuplexHandler#handle}
         */
        void handle(InStream<Q> in, OutStream<A> out) throws Exception;
    }
}
