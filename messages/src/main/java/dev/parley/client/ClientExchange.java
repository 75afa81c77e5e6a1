package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.Message;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.Durations;
import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client on its way: a call, or what opens a stream. Made on any thread; everything after that on the
 * loop's. It ends once.
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

    /** Which of the client's has it; any thread that cancels it asks on the loop's. */
    private @Nullable Taker taker;

    private long id = Header.NO_ID;

    /** The connection that exchanges are sent on. */
    interface Connection {
        Address address();

        /** Forgets a call that ended without its response, and tells the server if it is to stop. */
        void drop(Call call, boolean tellServer);

        /** Forgets a stream that ended here before its server ended it, and tells the server. */
        void drop(StreamCall stream, boolean tellServer);

        /** Sends what a stream has to send. */
        void ready(StreamCall stream);

        /** Grants the server so many bytes more of the stream with this id. */
        void grant(long id, int bytes);
    }

    /** What has taken an exchange, and sends it when there is a connection. */
    interface Taker {
        /** Gives up an exchange: its user wants nothing more of it. */
        void cancelled(ClientExchange exchange);
    }

    /** It begins now; its deadline counts from here. */
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

    /** Whether its time is over by our clock; a server that says so before has a reason of its own. */
    boolean isOverdue(EventLoop loop) {
        return hasDeadline() && deadlineNanos - loop.freshNanos() <= 0;
    }

    /** What is left, above zero while it is not over; zero where there is no deadline. */
    Duration timeLeft(EventLoop loop) {
        return hasDeadline() ? Duration.ofNanos(Math.max(1, deadlineNanos - loop.freshNanos())) : Duration.ZERO;
    }

    /** Tells when its time is over. */
    void watch(EventLoop loop, Consumer<ClientExchange> whenOver) {
        if (hasDeadline() && timer == null) {
            timer = loop.schedule(timeLeft(loop), () -> {
                timer = null;
                whenOver.accept(this);
            });
        }
    }

    /** Which of the client's has taken it; null before that. */
    @Nullable
    Taker taker() {
        return taker;
    }

    void takenBy(Taker by) {
        taker = by;
    }

    /** Whether it waits for a server that cannot be reached now; otherwise the first failure to connect ends it. */
    boolean waitsForReady() {
        return waitsForReady;
    }

    void waitForReady() {
        waitsForReady = true;
    }

    /** While it waits, this is why. */
    void waitsBecause(IOException failure) {
        lastFailure = failure;
    }

    /**
     * Its time is over.
     *
     * @param whyItWaits for one that was not sent, where no failure says it
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

    /** Where it was sent; null while it was not, or by another way. */
    @Nullable
    Connection connection() {
        return connection;
    }

    /** Handed to the connection, with an id; {@link Header#NO_ID} and no line where it went by a way of its own. */
    void sent(@Nullable Connection on, long with) {
        connection = on;
        id = with;
        lastFailure = null;
    }

    /** The exchange's; {@link Header#NO_ID} while it was not sent with one. */
    long id() {
        return id;
    }

    /** What is known of it when its connection is lost. */
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
