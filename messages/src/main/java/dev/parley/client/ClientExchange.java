package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One exchange of a client: a call or a stream, from its beginning to its end. Any thread may create it. After that,
 * only the loop's thread changes it, as long as the loop is open. It ends only once.
 */
abstract sealed class ClientExchange permits Call, StreamCall {
    private final @Nullable String action;
    private Message request;
    private final Duration timeout;
    private final long deadlineNanos;
    private @Nullable Timer timer;
    private @Nullable Connection connection;
    private @Nullable IOException lastFailure;

    /** The failure of the last attempt, because of which this exchange will be sent again. */
    private @Nullable Throwable failureBefore;

    private @Nullable Boolean waitsForReady;

    /**
     * The client's connection that has accepted this exchange; null before that. Only the loop's thread reads it, even
     * if another thread cancels the exchange.
     */
    private @Nullable Taker taker;

    private long id = Header.NO_ID;

    /** The connection on which exchanges are sent. */
    interface Connection {
        Address address();

        /** Forgets a call that ended without a response. If {@code notifyServer} is true, sends the server a cancel. */
        void drop(Call call, boolean notifyServer);

        /**
         * Forgets a stream that is over for us, although the server has not ended it. If {@code notifyServer} is true,
         * sends the server a cancel. Otherwise, sends the end of our direction, if we have not sent it before.
         */
        void drop(StreamCall stream, boolean notifyServer);

        /** Called when a stream has something to send. */
        void ready(StreamCall stream);

        /** Grants the server more bytes of the stream with this id. */
        void grant(long id, int bytes);
    }

    /** The connection of a client that has accepted an exchange, and sends it as soon as possible. */
    interface Taker {
        /** Called when the user has cancelled an exchange. */
        void cancelled(ClientExchange exchange);

        /** Called when the time of an exchange is over. */
        void overdue(ClientExchange exchange);
    }

    /** Makes an exchange that begins now. Its timeout counts from now. */
    ClientExchange(EventLoop loop, CallSetup setup) {
        this.action = setup.action();
        this.request = setup.request();
        this.timeout = setup.timeout();
        this.waitsForReady = setup.waitForReady();
        this.deadlineNanos = timeout.isZero() ? Long.MAX_VALUE : loop.freshNanos() + Durations.nanos(timeout);
    }

    @Nullable
    String action() {
        return action;
    }

    Message request() {
        return request;
    }

    /** Replaces the request. Called before the exchange is submitted. */
    void request(Message other) {
        request = other;
    }

    boolean hasDeadline() {
        return !timeout.isZero(); // the deadline itself may be any number, since the clock wraps around
    }

    /**
     * Returns true if the time of this exchange is over by our clock. If a server reports a timeout before that, the
     * server has another reason.
     */
    boolean isOverdue(EventLoop loop) {
        return hasDeadline() && deadlineNanos - loop.freshNanos() <= 0;
    }

    /** Returns the time that is left. It is above zero even if the time is over. It is zero if there is no deadline. */
    Duration timeLeft(EventLoop loop) {
        return hasDeadline() ? Duration.ofNanos(Math.max(1, deadlineNanos - loop.freshNanos())) : Duration.ZERO;
    }

    /** Returns the time that is left, in milliseconds, as the request says it. */
    long millisLeft(EventLoop loop) {
        return hasDeadline() ? (timeLeft(loop).toNanos() + 999_999) / 1_000_000 : RequestKeys.NO_TIMEOUT;
    }

    /** Calls {@code whenOver} when the time of this exchange is over, if it has a deadline. */
    void watch(EventLoop loop, Consumer<ClientExchange> whenOver) {
        if (hasDeadline() && timer == null) {
            timer = loop.schedule(timeLeft(loop), () -> {
                timer = null;
                whenOver.accept(this);
            });
        }
    }

    /** Returns the client's connection that has accepted this exchange; null before that. */
    @Nullable
    Taker taker() {
        return taker;
    }

    void takenBy(Taker by) {
        taker = by;
    }

    /**
     * Returns true if this exchange waits even if no server can be reached now. If it does not wait, the first failure
     * to connect ends this exchange.
     *
     * @param byDefault the setting of the client, which counts if the exchange has none
     */
    boolean waitsForReady(boolean byDefault) {
        return waitsForReady == null ? byDefault : waitsForReady;
    }

    void waitForReady() {
        waitsForReady = true;
    }

    /** Records the failure because of which this exchange must wait. */
    void waitsBecause(IOException failure) {
        lastFailure = failure;
    }

    /** Records the failure of an attempt, after which this exchange will be sent again. */
    void isSentAgainAfter(Throwable failure) {
        failureBefore = failure;
    }

    /**
     * Ends this exchange, because its time is over.
     *
     * @param whyItWaits the reason why it was not sent, used if no failure was recorded
     */
    void timedOut(Address address, String whyItWaits) {
        String what =
                isSent() ? "the request was sent, so its handler may still run: is it slow?" : whyNotSent(whyItWaits);
        fail(new TimedOutException(
                "no answer from " + address + " within " + Durations.text(timeout) + "; " + what, outcome()));
    }

    private String whyNotSent(String whyItWaits) {
        Throwable before = failureBefore;
        IOException why = lastFailure;
        if (before == null) {
            return "the request was not sent: " + (why == null ? whyItWaits : why.getMessage());
        }
        String how = before instanceof RefusedException ? "it was refused" : "its connection was lost";
        return how + ", and would have been sent again: " + before.getMessage()
                + (why == null ? "" : "; then: " + why.getMessage());
    }

    /**
     * Returns the connection on which this exchange was sent. Null if it was not sent, or was sent to a plain server.
     */
    @Nullable
    Connection connection() {
        return connection;
    }

    /**
     * Records the connection on which this exchange was sent, and its id there. Null and {@link Header#NO_ID} mean that
     * it will be sent again.
     */
    void sent(@Nullable Connection on, long with) {
        connection = on;
        id = with;
        lastFailure = null;
    }

    /** Returns the id of this exchange, or {@link Header#NO_ID} if it was not sent with an id. */
    long id() {
        return id;
    }

    /** Returns true if the request was sent, and is not waiting to be sent again. */
    abstract boolean isSent();

    /** Returns whether the request may have been processed, if its connection is lost now. */
    abstract Outcome outcome();

    abstract boolean isOver();

    /** Ends this exchange with a failure. Only the first end has an effect. */
    abstract void fail(Throwable failure);

    /**
     * Ends this exchange in a task of its own. If the user's code reacts with another request, it does not run inside
     * the method that sends, where the stack would become deeper each time.
     *
     * @param end ends this exchange
     */
    void endSoon(EventLoop loop, Runnable end) {
        stopTimer();
        if (!loop.tryExecute(end)) {
            end.run();
        }
    }

    void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
