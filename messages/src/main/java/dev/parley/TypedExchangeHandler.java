package dev.parley;

/**
 * A {@link TypedHandler} that also gets the exchange.
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
     * Handles one question, on a virtual thread of its own.
     *
     * @param question the question, never null
     * @param exchange the client, and how long it waits
     * @return the answer, as {@link TypedHandler#handle} says
     * @throws Exception as {@link Handler#handle} says
     */
    A handle(Q question, Exchange exchange) throws Exception;
}
