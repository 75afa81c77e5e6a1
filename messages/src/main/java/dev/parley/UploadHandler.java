package dev.parley;

/**
 * Your function from many values to one answer. It runs on a virtual thread and may block; values that it has not read
 * when it returns are dropped.
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
     * @throws Exception as {@link Handler} says
     */
    A handle(InStream<Q> in) throws Exception;
}
