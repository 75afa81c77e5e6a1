package dev.parley;

/**
 * Your function from one question to many answers. It runs on a virtual thread and may block; the stream ends when it
 * returns.
 *
 * @param <Q> the question's type
 * @param <A> the type of each answer
 */
@FunctionalInterface
public interface StreamHandler<Q, A> {
    /**
     * Handles one question.
     *
     * @param question the question
     * @param out the stream to which to send the answers
     * @throws Exception as {@link Handler} says; the client reads the answers that were sent before, and then the error
     */
    void handle(Q question, OutStream<A> out) throws Exception;
}
