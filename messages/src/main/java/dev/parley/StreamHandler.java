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
     * Answers one question.
     *
     * @param question what was asked
     * @param out takes the answers
     * @throws Exception as {@link Handler} says; the client reads the answers before it, then the error
     */
    void handle(Q question, OutStream<A> out) throws Exception;
}
