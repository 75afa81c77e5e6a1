package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection whose handlers run on virtual threads: each one with an id on its own, the others in a
 * {@link SerialRequests}. It also has the connection's {@link Streams}, which are made with the first one. An id is in
 * use until its response. A handler counts until it returns, even if its client has given up, so that no client makes a
 * server run more handlers than the cap. Runs on the loop's thread.
 */
final class RequestsInFlight implements HandlerTask.Owner {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final MessageOutput output;
    private final Answered answered;
    private final HandlerExecutor executor;
    private final ResponseSpace space;
    private final Map<Long, HandlerTask> unanswered = new HashMap<>();
    private int handlers;
    private long requestBytes;

    /** The ids of one-way requests that are over while their handlers run on; most connections have none. */
    private @Nullable Set<Long> idsOfHandlers;

    private @Nullable SerialRequests serialRequests;
    private @Nullable Streams streams;

    /** The session, which sends the responses. */
    interface Answered extends Streams.Owner {
        /** Takes back a request that was not begun, as there was no room for its response. */
        void postponed(HandlerTask task);

        /**
         * Takes note that there may be room for further requests, that a series of plain requests has found no room, or
         * that something of a stream waits to leave or has ended.
         */
        @Override
        void changed();

        /**
         * Takes note that a handler returned, or that its time is over.
         *
         * @param response null if the request was answered before
         */
        void returned(Message request, @Nullable Message response, @Nullable Throwable thrown);

        /** Takes note that the sending of a response threw this, so that nothing can follow. */
        void failed(Throwable thrown);
    }

    RequestsInFlight(
            LoopConnection connection,
            ServerSettings settings,
            HandlerExecutor executor,
            MessageOutput output,
            Answered answered) {
        this.connection = connection;
        this.settings = settings;
        this.output = output;
        this.answered = answered;
        this.executor = executor;
        this.space = new ResponseSpace(connection, settings.limits().frame());
    }

    boolean has(long id) {
        return unanswered.containsKey(id)
                || streams != null && streams.has(id)
                || idsOfHandlers != null && idsOfHandlers.contains(id);
    }

    /** Returns the streams of this connection; null if there has been none. */
    @Nullable
    Streams streamsOrNull() {
        return streams;
    }

    /** Returns the streams of this connection, which are made if there has been none. */
    Streams streams() {
        Streams now = streams;
        if (now == null) {
            now = new Streams(connection, settings, executor, output, answered);
            streams = now;
        }
        return now;
    }

    /** Returns true if a request without an id is being handled. */
    boolean hasPlain() {
        return has(Header.NO_ID) || isSeriesBusy();
    }

    private boolean isSeriesBusy() {
        return serialRequests != null && serialRequests.isBusy();
    }

    /**
     * Returns true if a request without an id may be queued behind those that are being handled; if not, it waits. A
     * request waits if its client gives it a time: if that is over before its turn, its handler never runs.
     */
    boolean mayFollow(Message request) {
        return serialRequests != null && serialRequests.hasRoom() && !has(Header.NO_ID) && belongsInSeries(request);
    }

    private static boolean belongsInSeries(Message request) {
        return request.header().id() == Header.NO_ID && request.header().timeoutMillis() < 0;
    }

    boolean isEmpty() {
        return unanswered.isEmpty()
                && (serialRequests == null || serialRequests.unanswered() == 0)
                && (streams == null || streams.isEmpty());
    }

    /** Returns true if a handler runs, even if no one waits for it any more. */
    boolean hasWork() {
        return handlers > 0 || !isEmpty();
    }

    /**
     * Returns how much memory is taken by the requests whose handlers run, even if no one waits for them any more, and
     * by what waits in streams.
     */
    long heldBytes() {
        return requestBytes + (streams == null ? 0 : streams.heldBytes());
    }

    /** Returns true if no further handler of a request may start; streams are counted apart. */
    boolean isFull() {
        return handlers + (isSeriesBusy() ? 1 : 0) >= settings.limits().inFlightMax() || !space.isOpen();
    }

    /** Takes note of how many bytes wait that the peer has not taken. */
    void queued(long bytes) {
        space.queued(bytes);
    }

    /**
     * Starts the handler of a request that was read so long ago.
     *
     * @return false if there is no memory for its response now; then nothing was started
     */
    boolean start(Message request, Route route, long waitedNanos) {
        var task = new HandlerTask(connection, request, route, this, waitedNanos, space);
        boolean isPlain = belongsInSeries(request);
        if (!isPlain && !task.reserve()) {
            return false;
        }
        settings.counters().handlers.incrementAndGet();
        requestBytes += task.heldBytes();
        if (isPlain) {
            serialRequests().add(task);
            return true;
        }
        unanswered.put(request.header().id(), task);
        handlers++;
        task.start(executor, () -> overdue(task));
        return true;
    }

    /**
     * Goes on with plain requests, if they wait for room and there is some.
     *
     * @return false if they wait, and there is no memory for the next response
     */
    boolean goOn() {
        return serialRequests == null || !serialRequests.isPaused() || !space.isOpen() || serialRequests.goOn();
    }

    private SerialRequests serialRequests() {
        SerialRequests now = serialRequests;
        if (now == null) {
            now = new SerialRequests(executor, connection.id(), answered::changed);
            serialRequests = now;
        }
        return now;
    }

    /** Flushes the session later, once for all that the handlers of this loop have done by then. */
    void settleLater(HandlerExecutor.Session session) {
        executor.settleLater(session);
    }

    private void overdue(HandlerTask task) {
        end(task, ErrorResponses.overdue(task.request()));
    }

    /** Cancels a request that its client gives up. One that is not in flight any more is ignored. */
    void cancel(long id) {
        HandlerTask task = unanswered.get(id);
        if (task != null) {
            end(task, ErrorResponses.of(ErrorCode.CANCELLED, "the client cancelled the request"));
        } else if (streams != null) {
            streams.cancel(id);
        }
    }

    /** Answers a request without its handler, which is asked to stop, and counts until it has. */
    private void end(HandlerTask task, Message response) {
        if (task.answer()) {
            task.cancel();
            unanswered.remove(task.id());
            keepId(task);
            answered.returned(task.request(), response, null);
        }
    }

    /** Keeps the id of a one-way request in use, as such a request ends with its handler. */
    private void keepId(HandlerTask task) {
        if (task.isOneWay() && task.id() != Header.NO_ID) {
            if (idsOfHandlers == null) {
                idsOfHandlers = new HashSet<>();
            }
            idsOfHandlers.add(task.id());
        }
    }

    @Override
    public void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown) {
        boolean isPostponed = task.isPostponed();
        boolean counts = task.answer();
        settings.counters().handlers.decrementAndGet();
        requestBytes -= task.heldBytes();
        task.letGo();
        if (serialRequests != null && belongsInSeries(task.request())) {
            serialRequests.returned(task);
        } else {
            handlers--;
            if (counts) {
                unanswered.remove(task.id());
            } else if (idsOfHandlers != null) {
                idsOfHandlers.remove(task.id());
            }
        }
        if (isPostponed) {
            answered.postponed(task);
        } else {
            // If a handler was asked to stop, that is why it threw: it is not reported.
            answered.returned(task.request(), counts ? response : null, counts ? thrown : null);
        }
    }

    @Override
    public void failed(HandlerTask task, Throwable thrown) {
        answered.failed(thrown);
    }

    @Override
    public void hookFailed(HandlerTask task, Throwable thrown) {
        settings.failures().failed(connection.loop(), task.hookName(), thrown);
    }

    /**
     * Gives up all requests and streams: no response of their handlers will be sent any more.
     *
     * @param missing is called with the id of each response that the client will miss; plain ones in their order
     * @return how many requests and streams that ends, those that want no response included
     */
    int giveUp(LongConsumer missing) {
        var all = new ArrayList<HandlerTask>(unanswered.values());
        if (serialRequests != null) {
            serialRequests.addUnansweredTo(all);
        }
        all.stream().filter(task -> !task.isOneWay()).forEach(task -> missing.accept(task.id()));
        List<Long> open = streams == null ? List.of() : streams.giveUp();
        open.forEach(missing::accept);
        cancelAll();
        return all.size() + open.size();
    }

    /** Cancels all handlers, as the connection ends and no one waits for them any more. */
    void cancelAll() {
        for (HandlerTask task : unanswered.values()) {
            task.giveUp();
        }
        unanswered.clear();
        if (serialRequests != null) {
            serialRequests.cancel();
        }
        if (streams != null) {
            streams.cancelAll();
        }
    }
}
