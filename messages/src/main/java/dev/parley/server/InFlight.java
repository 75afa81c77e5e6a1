package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.LoopConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection whose handlers run on virtual threads. An id is in use until its answer; a handler
 * counts until it returns, even where its client has given up, so that nobody makes a server run more than the cap.
 * Runs on the loop's thread.
 */
final class InFlight implements Running.Whom {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final Answered answered;
    private final Map<Long, Running> unanswered = new HashMap<>();
    private int handlers;

    /** Who sends the answers. */
    interface Answered {
        /**
         * A handler returned, or its time is over.
         *
         * @param response null where the request was answered before
         */
        void answer(Message request, @Nullable Message response, @Nullable Throwable thrown);
    }

    InFlight(LoopConnection connection, ServerSettings settings, Answered answered) {
        this.connection = connection;
        this.settings = settings;
        this.answered = answered;
    }

    boolean has(long id) {
        return unanswered.containsKey(id);
    }

    /** Whether a request without an id is being handled; the next one waits. */
    boolean hasPlain() {
        return has(Header.NO_ID);
    }

    boolean isEmpty() {
        return unanswered.isEmpty();
    }

    /** Whether no further handler may start. */
    boolean isFull() {
        return handlers >= settings.limits().inFlightMax();
    }

    void start(Message request, Route route) {
        var running = new Running(connection, request, route, this);
        unanswered.put(request.header().id(), running);
        handlers++;
        running.start(() -> overdue(running));
    }

    private void overdue(Running running) {
        if (running.answer()) {
            running.cancel();
            unanswered.remove(running.id());
            String late = "the handler did not answer within the "
                    + running.header().timeoutMillis() + " ms that the client waits (timeout-ms)";
            answered.answer(running.request(), Errors.of(ErrorCode.TIMEOUT, late), null);
        }
    }

    @Override
    public void returned(Running running, Message response, @Nullable Throwable thrown) {
        handlers--;
        if (running.answer()) {
            unanswered.remove(running.id());
            answered.answer(running.request(), response, thrown);
        } else {
            answered.answer(running.request(), null, null); // what it threw, it threw because it was told to stop
        }
    }

    /** The ids whose answers are missing; none of their handlers will be heard any more. */
    List<Long> giveUp() {
        var ids = new ArrayList<>(unanswered.keySet());
        cancelAll();
        return ids;
    }

    /** The connection ends: no handler works for anybody any more. */
    void cancelAll() {
        for (Running running : unanswered.values()) {
            if (running.answer()) {
                running.cancel();
            }
        }
        unanswered.clear();
    }
}
