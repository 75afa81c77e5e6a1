package dev.parley;

import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import java.time.Duration;
import java.util.Optional;

/**
 * One request and its response, for a handler that needs more than the question. Any thread may use it, even after the
 * response. The server passes it to handlers; applications do not implement it.
 *
 * {@snippet :
 * ExchangeHandler handler = (request, exchange) -> {
 *     String user = exchange.header().text("x-user"); // an unknown key; null where it is absent
 *     var result = new StringBuilder("for " + user + " of " + exchange.connection().peerAddress());
 *     for (int part = 1; part <= 100 && !exchange.isCancelled(); part++) {
 *         result.append(' ').append(part); // stops if no client waits for it any more
 *     }
 *     return Message.text(result.toString());
 * };
 * }
 */
public interface Exchange {
    /** {@return the connection of the client} */
    ConnectionInfo connection();

    /** {@return the header of the request, including unknown keys} */
    Header header();

    /** {@return the id of the exchange, 1 to {@link Header#ID_MAX}; {@link Header#NO_ID} for a plain request} */
    default long id() {
        return header().id();
    }

    /**
     * {@return the time that the client still waits, negative if it is over; empty if the client did not say} It may be
     * passed to a client as a timeout, which fails at once if it is over; it is never zero, which would mean no limit
     * there.
     */
    Optional<Duration> timeLeft();

    /**
     * {@return whether the answer is no longer wanted: the client's time is over, or its connection is gone} A handler
     * on a virtual thread is interrupted when that happens, unless {@link Server.Builder#interrupts} says otherwise.
     * For a handler on the loop it is always false.
     */
    boolean isCancelled();

    /**
     * Runs a hook when the answer is no longer wanted, or at once if it already is not. Use it instead of an interrupt,
     * which would close a {@link java.nio.channels.FileChannel} or {@link java.nio.channels.SocketChannel} that the
     * handler shares with others. For a handler on the loop it never runs.
     *
     * @param hook called once, on a virtual thread of its own, possibly after the handler has returned; an exception
     *     from it is in the server's log
     */
    void onCancel(Runnable hook);
}
