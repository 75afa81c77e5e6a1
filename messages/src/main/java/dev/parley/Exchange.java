package dev.parley;

import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import java.time.Duration;
import java.util.Optional;

/**
 * One request and its response, for a handler that wants to know more than the question. Any thread may ask, also after
 * the answer. Given by the server; nobody else implements it.
 *
 * {@snippet :
 * ExchangeHandler handler = (request, exchange) -> {
 *     String user = exchange.header().text("x-user"); // an unknown key; null where it is absent
 *     var result = new StringBuilder("for " + user + " of " + exchange.connection().peerAddress());
 *     for (int part = 1; part <= 100 && !exchange.isCancelled(); part++) {
 *         result.append(' ').append(part); // stops where nobody waits for it any more
 *     }
 *     return Message.text(result.toString());
 * };
 * }
 */
public interface Exchange {
    /** {@return who asks} */
    ConnectionInfo connection();

    /** {@return the header of the request, its unknown keys included} */
    Header header();

    /** {@return the id of the exchange, 1 to {@link Header#ID_MAX}; {@link Header#NO_ID} for a plain request} */
    default long id() {
        return header().id();
    }

    /**
     * {@return how long the client still waits, below zero where that is over; empty where it did not say} It may be
     * handed on to a client, which refuses at once what is over; it is never zero, which means no limit there.
     */
    Optional<Duration> timeLeft();

    /**
     * {@return whether nobody waits for the answer any more: the client's time is over, or its connection} A handler on
     * a virtual thread is interrupted when that happens, unless {@link Server.Builder#interrupts} says otherwise. For
     * one on the loop it is always false.
     */
    boolean isCancelled();

    /**
     * Has this run when nobody waits for the answer any more; at once if that is so already. It is what a handler has
     * instead of an interrupt, which would close a {@link java.nio.channels.FileChannel} or {@link
     * java.nio.channels.SocketChannel} that the handler shares with others. For a handler on the loop it never runs.
     *
     * @param hook called once, on a virtual thread of its own, maybe after the handler has returned; what it throws is
     *     in the server's log
     */
    void onCancel(Runnable hook);
}
