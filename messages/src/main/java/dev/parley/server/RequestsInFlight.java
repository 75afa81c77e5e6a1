package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection whose handlers run on virtual threads, at most {@code MessageLimits.inFlightMax} at
 * the same time. Each request
 * with an id has a thread of its own; the plain requests share a thread, see {@link SerialRequests}. This object also
 * has the connection's {@link Streams}, which are created with the first stream. An id is in use until its response. A
 * handler counts until it returns, even if its client has given up, so a client cannot make the server run more
 * handlers than the limit. Runs on the loop's thread.
 */
final class RequestsInFlight implements HandlerTask.Callbacks {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final MessageOutput output;
    private final Answered answered;
    private final HandlerExecutor executor;
    private final ResponseSpace space;
    private final Map<Long, HandlerTask> unanswered = new HashMap<>();
    private int handlers;
    private long requestBytes;

    /**
     * The ids of one-way requests that are over although their handlers still run. Null until there is such a request;
     * most connections never have one.
     */
    private @Nullable Set<Long> idsOfHandlers;

    private @Nullable SerialRequests serialRequests;
    private @Nullable Streams streams;

    /** The part of the session that sends the responses. */
    interface Answered extends Streams.Callbacks {
        /** Takes back a request whose handler did not begin, because there was no room for its response. */
        void postponed(HandlerTask task);

        /**
         * Called when there may be room for further requests, when the series of plain requests has found no room for a
         * response, and when a stream has ended or has something to send.
         */
        @Override
        void changed();

        /**
         * Called when a handler has returned, or its time is over.
         *
         * @param response null if the request was answered before
         */
        void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown);
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

    /** Returns the streams of this connection, or null if there has been no stream yet. */
    @Nullable
    Streams streamsOrNull() {
        return streams;
    }

    /** Called when the peer has ended its direction. */
    void peerEnded() {
        if (streams != null) {
            streams.peerEnded();
        }
    }

    /** Returns the streams of this connection. Creates the object if there has been no stream yet. */
    Streams streams() {
        Streams now = streams;
        if (now == null) {
            now = new Streams(connection, settings, executor, output, answered);
            streams = now;
        }
        return now;
    }

    /** Returns true if a plain request is being handled. */
    boolean hasPlain() {
        return has(Header.NO_ID) || isSeriesBusy();
    }

    private boolean isSeriesBusy() {
        return serialRequests != null && serialRequests.isBusy();
    }

    /**
     * Returns true if a plain request may be added to the series that is being handled. If not, the request waits
     * outside of the series. A request whose client set a timeout always waits outside: if the time is over before its
     * turn, its handler never runs.
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
        return handlers > 0 || !isEmpty() || streams != null && streams.hasHandlers();
    }

    /**
     * Returns the memory, in bytes, of the requests whose handlers run, even if no one waits for them any more, and of
     * the messages that wait in streams.
     */
    long heldBytes() {
        return requestBytes + (streams == null ? 0 : streams.heldBytes());
    }

    /** Returns true if no further handler of a request may start. The handlers of streams are counted separately. */
    boolean isFull() {
        return handlers + (isSeriesBusy() ? 1 : 0) >= settings.limits().inFlightMax() || !space.isOpen();
    }

    /** Records the number of queued bytes, which the peer has not taken. */
    void queued(long bytes) {
        space.queued(bytes);
    }

    /**
     * Starts the handler of a request, which has waited for this time since it was read.
     *
     * @param report the report of the request; null if there is none
     * @return false if there is no memory for the response now; then the handler was not started
     */
    boolean start(Message request, Route route, @Nullable RequestReport report, long waitedNanos) {
        var task = new HandlerTask(connection, request, route, this, waitedNanos, space, report);
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
     * Goes on with the plain requests, if they wait for room and there is room now.
     *
     * @return false if the plain requests must still wait, because there is no memory for the next response
     */
    boolean goOn() {
        return serialRequests == null || !serialRequests.isPaused() || !space.isOpen() || serialRequests.goOn();
    }

    private SerialRequests serialRequests() {
        SerialRequests now = serialRequests;
        if (now == null) {
            now = new SerialRequests(executor, connection.id(), () -> answered.guarded(answered::changed));
            serialRequests = now;
        }
        return now;
    }

    /** Flushes the session later, once for all handlers that have returned by then. */
    void settleLater(HandlerExecutor.Session session) {
        executor.settleLater(session);
    }

    private void overdue(HandlerTask task) {
        answered.guarded(() -> end(task, ErrorResponses.overdue(task.request())));
    }

    /**
     * Cancels a request or stream because its client gives it up. If none with this id is in flight, nothing happens.
     */
    void cancel(long id) {
        HandlerTask task = unanswered.get(id);
        if (task != null) {
            end(task, ErrorResponses.of(ErrorCode.CANCELLED, "the client cancelled the request"));
        } else if (streams != null) {
            streams.cancel(id);
        }
    }

    /**
     * Ends the requests and streams of these principals with this error. Their handlers may have begun.
     *
     * @return false if a plain request is one of theirs: it cannot be answered before the plain requests before it
     */
    boolean revoke(Predicate<? super Principal> principals, Message error) {
        for (HandlerTask task : new ArrayList<>(unanswered.values())) {
            if (task.isOf(principals)) {
                end(task, error);
            }
        }
        if (streams != null) {
            streams.revoke(principals, error);
        }
        var plain = new ArrayList<HandlerTask>();
        if (serialRequests != null) {
            serialRequests.addUnansweredTo(plain);
        }
        return plain.stream().noneMatch(task -> task.isOf(principals));
    }

    /**
     * Answers a request while its handler still runs, and asks the handler to stop. The handler counts until it
     * returns.
     */
    private void end(HandlerTask task, Message response) {
        if (task.answer()) {
            task.cancel();
            unanswered.remove(task.id());
            keepId(task);
            answered.returned(task, response, null);
        }
    }

    /** If the request is one-way, keeps its id in use until its handler returns. */
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
            // If the request was already answered, its handler was asked to stop, so its exception is not reported.
            answered.returned(task, counts ? response : null, counts ? thrown : null);
        }
    }

    @Override
    public void failed(HandlerTask task, Throwable thrown) {
        answered.failed(thrown);
    }

    @Override
    public ConnectionCredentials credentials() {
        return answered.credentials();
    }

    @Override
    public List<String> passedOn() {
        return settings.passedOn();
    }

    @Override
    public void log(String where, Throwable thrown) {
        settings.failures().failed(connection.loop(), where, thrown);
    }

    /**
     * Answers all requests and streams with an error, the plain requests in their order. The responses of their
     * handlers will not be sent any more.
     *
     * @param ofPlain the error of the plain requests
     * @param error the error of the others
     * @return the number of requests and streams that were given up, including one-way requests
     */
    int giveUp(Message ofPlain, Message error) {
        var all = new ArrayList<HandlerTask>(unanswered.values());
        if (serialRequests != null) {
            serialRequests.addUnansweredTo(all);
        }
        for (HandlerTask task : all) {
            Message sent = task.id() == Header.NO_ID ? ofPlain : error;
            if (!task.isOneWay()) {
                output.put(sent.going(Direction.RESPONSE, task.id()));
            }
            RequestReport.end(task.report(), sent);
        }
        int open = streams == null ? 0 : streams.giveUp(error);
        cancelAll();
        return all.size() + open;
    }

    /** Cancels all handlers. Called when the connection ends, so that no one waits for their responses any more. */
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
