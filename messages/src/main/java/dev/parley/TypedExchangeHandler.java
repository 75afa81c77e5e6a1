package dev.parley;

/** A {@link TypedHandler} that wants to know about the exchange as well. */
@FunctionalInterface
public interface TypedExchangeHandler<Q, A> {
    /** Answers one question. */
    A handle(Q question, Exchange exchange) throws Exception;
}
