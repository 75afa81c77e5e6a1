package dev.parley;

/**
 * Your function from one question to many answers. The handler runs on a virtual thread and may block. The stream ends
 * when the handler returns.
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
     * @param out the stream to which the handler sends the answers
     * @throws Exception if the handler fails; the client reads the answers that were sent before, and then the error;
     *     see {@link Handler#handle}
     */
    void handle(Q question, OutStream<A> out) throws Exception;
}
