package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.Message;
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
 * One request of a client on its way: a call, or the opening of a stream. It is made on any thread; everything after
 * that happens on the loop's. It ends once.
 */
abstract sealed class ClientExchange permits Call, StreamCall {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final @Nullable String action;
    private final Message request;
    private final Duration timeout;
    private final long deadlineNanos;
    private @Nullable Timer timer;
    private @Nullable Connection connection;
    private @Nullable IOException lastFailure;
    private boolean waitsForReady;

    /**
     * The client's connection that has accepted this exchange; null before that. A thread that cancels the exchange
     * lets the loop's thread read this.
     */
    private @Nullable Taker taker;

    private long id = Header.NO_ID;

    /** The connection that exchanges are sent on. */
    interface Connection {
        Address address();

        /** Forgets a call that ended without its response, and sends the server a cancel if it is to stop. */
        void drop(Call call, boolean tellServer);

        /** Forgets a stream that ended here before its server ended it, and notifies the server. */
        void drop(StreamCall stream, boolean tellServer);

        /** Sends what a stream has to send. */
        void ready(StreamCall stream);

        /** Grants the server more bytes of the stream with this id. */
        void grant(long id, int bytes);
    }

    /** The connection of a client that has taken an exchange, and sends it when it can. */
    interface Taker {
        /** Gives up an exchange: its user wants nothing more of it. */
        void cancelled(ClientExchange exchange);
    }

    /** Makes an exchange that begins now; its deadline counts from here. */
    ClientExchange(EventLoop loop, @Nullable String action, Message request, Duration timeout) {
        this.action = action;
        this.request = request;
        this.timeout = timeout;
        this.deadlineNanos = timeout.isZero() ? Long.MAX_VALUE : loop.freshNanos() + nanos(timeout);
    }

    private static long nanos(Duration timeout) {
        return timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
    }

    @Nullable
    String action() {
        return action;
    }

    Message request() {
        return request;
    }

    boolean hasDeadline() {
        return !timeout.isZero(); // a deadline may be any number: the clock wraps around
    }

    /** Returns true if its time is over by our clock; a server that reports so before has a reason of its own. */
    boolean isOverdue(EventLoop loop) {
        return hasDeadline() && deadlineNanos - loop.freshNanos() <= 0;
    }

    /** Returns the time that is left, which is above zero even if it is over; zero if there is no deadline. */
    Duration timeLeft(EventLoop loop) {
        return hasDeadline() ? Duration.ofNanos(Math.max(1, deadlineNanos - loop.freshNanos())) : Duration.ZERO;
    }

    /** Calls {@code whenOver} when its time is over, if it has a deadline. */
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
     * Returns true if it waits for a server that cannot be reached now; otherwise the first failure to connect ends it.
     */
    boolean waitsForReady() {
        return waitsForReady;
    }

    void waitForReady() {
        waitsForReady = true;
    }

    /** Takes note of the failure for which it waits. */
    void waitsBecause(IOException failure) {
        lastFailure = failure;
    }

    /**
     * Ends it, as its time is over.
     *
     * @param whyItWaits why it was not sent, if no failure says it
     */
    void timedOut(Address address, String whyItWaits) {
        IOException why = lastFailure;
        String what =
                switch (outcome()) {
                    case UNKNOWN -> "; the request was sent, so its handler may still run: is it slow?";
                    case NOT_PROCESSED ->
                        "; the request was not sent: " + (why == null ? whyItWaits : why.getMessage());
                };
        fail(new TimedOutException(
                "no answer from " + address + " within " + Durations.text(timeout) + what, outcome()));
    }

    /** Returns the connection that it was sent on; null if it was not sent, or went another way. */
    @Nullable
    Connection connection() {
        return connection;
    }

    /**
     * Takes note of the connection that it was sent on, and of its id there; null and {@link Header#NO_ID} if it is to
     * be sent anew.
     */
    void sent(@Nullable Connection on, long with) {
        connection = on;
        id = with;
        lastFailure = null;
    }

    /** Returns its id; {@link Header#NO_ID} if it was not sent with one. */
    long id() {
        return id;
    }

    /** Returns what is known of it when its connection is lost. */
    abstract Outcome outcome();

    abstract boolean isOver();

    /** Ends it; only the first end counts. */
    abstract void fail(Throwable failure);

    void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
