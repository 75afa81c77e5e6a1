package dev.parley.server;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection after a fatal error (mark X in docs/protocol.md). The requests that were read before the error are
 * answered, within a grace period. Then the error is sent with {@code close: true}, and our direction of the connection
 * ends. Bytes that the peer still sends are read and dropped: otherwise a reset could destroy the error on its way.
 * Runs on the loop's thread.
 */
final class ErrorClose {
    private static final Message CUT =
            ErrorResponses.of(ErrorCode.UNAVAILABLE, "the connection ends; the request may have been handled");

    private static final Message NOT_BEGUN =
            ErrorResponses.of(ErrorCode.GOING_AWAY, "the connection ends, and the request was not begun");

    private final LoopConnection connection;
    private final MessageLimits limits;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher dispatcher;
    private final MessageOutput output;
    private final HandlerExecutor.Session session;
    private @Nullable Message lastWords;
    private CloseReason reason = CloseReason.PROTOCOL;
    private @Nullable Timer timer;
    private boolean done;
    private int unfinished;

    ErrorClose(
            LoopConnection connection,
            MessageLimits limits,
            RequestsInFlight inFlight,
            RequestDispatcher dispatcher,
            MessageOutput output,
            HandlerExecutor.Session session) {
        this.dispatcher = dispatcher;
        this.connection = connection;
        this.limits = limits;
        this.inFlight = inFlight;
        this.output = output;
        this.session = session;
    }

    boolean hasBegun() {
        return lastWords != null;
    }

    void begin(Message error, CloseReason why) {
        if (lastWords != null) {
            return;
        }
        lastWords = error.withProtocolKey(Header.CLOSE, true);
        reason = why;
        Streams streams = inFlight.streamsOrNull();
        if (streams != null) {
            unfinished = streams.endUnfinished(CUT, "the connection ends, and nothing more of the client's is read");
        }
        if (!isIdle()) {
            connection.pauseReading();
            timer = connection.loop().schedule(limits.drainGrace(), () -> session.guarded(this::cut));
        }
        goOn();
    }

    /**
     * Gives up the requests and streams that still run or wait. They get an error now, and the responses of their
     * handlers will not be sent any more.
     *
     * @return the number of requests and streams that were given up
     */
    int cut() {
        return cut(CUT);
    }

    /** Gives up all requests and streams as {@link #cut()} does; the plain ones that have begun get this error. */
    int cut(Message ofPlain) {
        // In this order, since plain responses come in the order of their requests.
        int count = inFlight.giveUp(ofPlain, CUT) + dispatcher.giveUp(NOT_BEGUN);
        goOn();
        return count;
    }

    /**
     * Returns the number of streams that were ended when the error close began, because the client had not ended them.
     */
    int unfinished() {
        return unfinished;
    }

    private boolean isIdle() {
        return inFlight.isEmpty() && dispatcher.areNoneHeld();
    }

    /** Closes the connection if the error close has begun, and no request is in flight or waits any more. */
    void goOn() {
        Message last = lastWords;
        if (last != null && isIdle() && !done) {
            done = true;
            stop();
            output.put(last);
            output.flush();
            connection.close(reason);
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
