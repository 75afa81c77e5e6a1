package dev.parley;

/**
 * Your function from a question to its answer, as values of your own types; see {@link Handler} for what it may throw.
 */
@FunctionalInterface
public interface TypedHandler<Q, A> {
    /** Answers one question. */
    A handle(Q question) throws Exception;
}
