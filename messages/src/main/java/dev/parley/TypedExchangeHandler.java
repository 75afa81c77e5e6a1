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
     * @param exchange the exchange, which knows the client and how long the client waits
     * @return the answer; see {@link TypedHandler#handle}
     * @throws Exception if the handler fails; see {@link Handler#handle}
     */
    A handle(Q question, Exchange exchange) throws Exception;
}
