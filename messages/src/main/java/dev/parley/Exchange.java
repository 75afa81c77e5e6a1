package dev.parley;

import dev.parley.frame.Header;
import dev.parley.link.CurrentExchange;
import dev.parley.net.ConnectionInfo;
import java.security.Principal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, for a handler that needs more than the question. The server passes it to handlers;
 * applications do not implement it.
 *
 * <p>Any thread may use it, even after the response. The exchange of a handler that {@link ServerBuilder#onLoop} or
 * {@link ServerBuilder#otherwiseOnLoop} adds is an exception: it may be used on the loop's thread alone, and only until
 * the handler returns. After that its methods throw an {@link IllegalStateException}, or return values of the
 * connection's next request, so do not keep it.
 *
 * {@snippet :
 * Handler<Message, Message> handler = (request, exchange) -> {
 *     String user = exchange.header().text("x-user"); // an unknown key; null if it is absent
 *     var result = new StringBuilder("for " + user + " of " + exchange.connection().peerAddress());
 *     for (int part = 1; part <= 100 && !exchange.isCancelled(); part++) {
 *         result.append(' ').append(part); // stops if no client waits for it any more
 *     }
 *     return Message.text(result.toString());
 * };
 * }
 */
public interface Exchange {
    /**
     * {@return the exchange whose handler runs on the calling thread; empty if none does} So code that has no exchange
     * at hand knows the client, the header and the time left. Calls that a handler makes use it in this way: they get
     * the time left, the cancellation, the trace id, and the keys that {@link ServerBuilder#passOn} names. A thread
     * that the handler starts itself has no exchange, except in a structured task scope; see {@link #run}.
     */
    static Optional<Exchange> current() {
        return Optional.ofNullable(CurrentExchange.getOrNull());
    }

    /**
     * Runs a task as part of this exchange: during the task, {@link #current} is this exchange. Use it to pass the
     * exchange to another thread, such as {@code executor.execute(() -> exchange.run(task))}.
     *
     * @param task the task, which runs on the calling thread
     * @throws IllegalStateException if {@link ServerBuilder#onLoop} or {@link ServerBuilder#otherwiseOnLoop} has added
     *     the handler, since its exchange ends with the handler
     */
    default void run(Runnable task) {
        try {
            call(() -> {
                task.run();
                return null;
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception notThrown) {
            throw new IllegalStateException(notThrown); // a Runnable throws no checked exception
        }
    }

    /**
     * Runs a task that has a result as part of this exchange, as {@link #run} does.
     *
     * @param <T> the type of the result
     * @param task the task, which runs on the calling thread
     * @return the result of the task
     * @throws Exception the exception that the task throws
     * @throws IllegalStateException as for {@link #run}
     */
    <T extends @Nullable Object> T call(Callable<T> task) throws Exception;

    /** {@return the connection of the client} */
    ConnectionInfo connection();

    /** {@return the header of the request, including unknown keys} */
    Header header();

    /** {@return the id of the exchange, 1 to {@link Header#ID_MAX}; {@link Header#NO_ID} for a plain request} */
    default long id() {
        return header().id();
    }

    /**
     * {@return the time that the client still waits, zero or negative if the time is over; empty if the client set no
     * timeout} The calls that the handler makes end with this time by themselves.
     */
    Optional<Duration> timeLeft();

    /**
     * {@return who makes the request, as the server's {@link Authorizer} has decided; empty if the server has none}
     */
    Optional<Principal> principal();

    /**
     * {@return whether the answer is no longer wanted: the client has cancelled the call, its time is over, its
     * connection is gone, or {@link Server#revoke} has ended it} A handler on a virtual thread is also interrupted
     * when that happens, except if {@link ServerBuilder#interrupts} turned the interrupts off. For a handler that
     * {@link ServerBuilder#onLoop} or {@link ServerBuilder#otherwiseOnLoop} adds, this method returns false, since the
     * loop learns nothing of the client while the handler runs on it.
     */
    boolean isCancelled();

    /**
     * Runs a hook when the answer is no longer wanted. If the answer is already unwanted, the hook runs at once. Use a
     * hook instead of an interrupt if the handler shares a {@link java.nio.channels.FileChannel} or {@link
     * java.nio.channels.SocketChannel} with other threads, since an interrupt would close the channel. For a handler
     * that {@link ServerBuilder#onLoop} or {@link ServerBuilder#otherwiseOnLoop} adds, the hook never runs.
     *
     * @param hook called once, on a virtual thread of its own, possibly after the handler has returned; if it throws an
     *     exception, the exception is logged by the server
     */
    void onCancel(Runnable hook);
}
