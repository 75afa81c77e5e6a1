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
     * {@return the time that the client still waits, negative if the time is over; empty if the client set no timeout}
     * A handler may pass this value on as the timeout of a call of its own. If the time is over, that call fails at
     * once. The value is never zero, since a timeout of zero means no limit.
     */
    Optional<Duration> timeLeft();

    /**
     * {@return whether the answer is no longer wanted: the client's time is over, or its connection is gone} A handler
     * on a virtual thread is also interrupted when that happens, except if {@link Server.Builder#interrupts} turned the
     * interrupts off. For a handler on the loop, this method always returns false.
     */
    boolean isCancelled();

    /**
     * Runs a hook when the answer is no longer wanted. If the answer is already unwanted, the hook runs at once. Use a
     * hook instead of an interrupt if the handler shares a {@link java.nio.channels.FileChannel} or {@link
     * java.nio.channels.SocketChannel} with other threads, since an interrupt would close the channel. For a handler on
     * the loop, the hook never runs.
     *
     * @param hook called once, on a virtual thread of its own, possibly after the handler has returned; if it throws an
     *     exception, the exception is logged by the server
     */
    void onCancel(Runnable hook);
}
