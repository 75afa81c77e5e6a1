package dev.parley;

/** A function from a request to its response that wants to know about the exchange as well; see {@link Handler}. */
@FunctionalInterface
public interface ExchangeHandler {
    /** Answers one request. */
    Message handle(Message request, Exchange exchange) throws Exception;
}
