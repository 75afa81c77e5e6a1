package dev.parley;

/**
 * Your side of a stream in both directions. It runs on a virtual thread and may block; the stream ends when it returns.
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
     * @param exchange the client, how long it waits, and whether it still does
     * @throws Exception as {@link Handler} says; the client reads the values that were sent before, and then the error
     */
    void handle(InStream<Q> in, OutStream<A> out, Exchange exchange) throws Exception;
}
