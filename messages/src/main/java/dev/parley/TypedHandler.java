package dev.parley;

/**
 * Your function from a question to its answer, as values of your own types. {@link Handler#handle} lists the exceptions
 * that it may throw. One handler serves all connections, many at once.
 *
 * {@snippet :
 * record Sum(List<Integer> numbers) {}
 * TypedHandler<Sum, Integer> add = sum -> sum.numbers().stream().mapToInt(Integer::intValue).sum();
 * Server server = Server.builder()
 *         .on(Action.of("sum", Sum.class, Integer.class), add)
 *         .listen("tcp://localhost:0");
 * }
 *
 * @param <Q> the question's type
 * @param <A> the answer's type
 */
@FunctionalInterface
public interface TypedHandler<Q, A> {
    /**
     * Handles one question.
     *
     * @param question the question, never null; a component that may be missing is null, or an empty {@code Optional},
     *     if the request has no such member
     * @return the answer: a value that can be written as JSON, or a {@link Message}; never null
     * @throws Exception if the handler fails; see {@link Handler#handle}
     */
    A handle(Q question) throws Exception;
}
