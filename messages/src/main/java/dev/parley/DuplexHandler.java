package dev.parley;

/**
 * Your side of a stream in both directions. It runs on a virtual thread and may block; the stream ends when it returns.
 *
 * @param <Q> the type of what comes
 * @param <A> the type of what goes
 */
@FunctionalInterface
public interface DuplexHandler<Q, A> {
    /**
     * Speaks with one client.
     *
     * @param in gives what the client sends
     * @param out takes what it gets
     * @param exchange who asks, how long it waits, and whether it still does
     * @throws Exception as {@link Handler} says; the client reads what was sent before it, then the error
     */
    void handle(InStream<Q> in, OutStream<A> out, Exchange exchange) throws Exception;
}
