package dev.parley;

/**
 * A function from a request to its response that also gets the exchange; see {@link Handler}.
 *
 * {@snippet :
 * ExchangeHandler patience = (request, exchange) ->
 *         Message.text(exchange.timeLeft().map(left -> left.toMillis() + " ms").orElse("for ever"));
 * Server server = Server.builder().on("patience", patience).listen("tcp://localhost:0");
 * }
 */
@FunctionalInterface
public interface ExchangeHandler {
    /**
     * Handles one request, on a virtual thread of its own.
     *
     * @param request the request as it arrived
     * @param exchange the exchange, which knows the client and how long the client waits
     * @return the response; null counts as a failure of the handler
     * @throws Exception if the handler fails; see {@link Handler#handle}
     */
    Message handle(Message request, Exchange exchange) throws Exception;
}
