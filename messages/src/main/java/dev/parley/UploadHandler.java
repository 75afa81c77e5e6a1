package dev.parley;

/**
 * Your function from many values to one answer. The handler runs on a virtual thread and may block. When the handler
 * returns, the values that it has not read are dropped.
 *
 * @param <Q> the type of each value
 * @param <A> the answer's type
 */
@FunctionalInterface
public interface UploadHandler<Q, A> {
    /**
     * Handles the values of one client.
     *
     * @param in the stream of values
     * @return the answer, never null
     * @throws Exception if the handler fails; see {@link Handler#handle}
     */
    A handle(InStream<Q> in) throws Exception;
}
