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
     * @param exchange the client, and how long it waits
     * @return the response; null counts as a failure of the handler
     * @throws Exception as {@link Handler#handle} says
     */
    Message handle(Message request, Exchange exchange) throws Exception;
}
