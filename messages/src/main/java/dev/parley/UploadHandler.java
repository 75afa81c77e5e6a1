package dev.parley;

/**
 * Your function from many values to one answer. It runs on a virtual thread and may block; what it did not read when it
 * returns is dropped.
 *
 * @param <Q> the type of each value
 * @param <A> the answer's type
 */
@FunctionalInterface
public interface UploadHandler<Q, A> {
    /**
     * Answers what came.
     *
     * @param in gives the values
     * @return the answer, never null
     * @throws Exception as {@link Handler} says
     */
    A handle(InStream<Q> in) throws Exception;
}
