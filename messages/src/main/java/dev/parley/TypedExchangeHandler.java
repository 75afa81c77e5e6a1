package dev.parley;

/**
 * A {@link TypedHandler} that wants to know about the exchange as well.
 *
 * {@snippet :
 * record Who() {}
 * TypedExchangeHandler<Who, String> who =
 *         (question, exchange) -> "connection " + exchange.connection().id();
 * Action<Who, String> whoAmI = Action.of("who-am-i", Who.class, String.class);
 * Server server = Server.builder().on(whoAmI, who).listen("tcp://localhost:0");
 * }
 *
 * @param <Q> the question's type
 * @param <A> the answer's type
 */
@FunctionalInterface
public interface TypedExchangeHandler<Q, A> {
    /**
     * Answers one question, on a virtual thread of its own.
     *
     * @param question never null
     * @param exchange who asks, and how long they wait
     * @return the answer, as {@link TypedHandler#handle} says
     * @throws Exception as {@link Handler#handle} says
     */
    A handle(Q question, Exchange exchange) throws Exception;
}
