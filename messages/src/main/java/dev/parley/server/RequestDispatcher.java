package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.CurrentExchange;
import dev.parley.link.FailedCheck;
import dev.parley.link.Failures;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.server.WaitingRequests.Kind;
import dev.parley.server.WaitingRequests.WaitingRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each request of one connection whether its handler begins now, waits for its turn, or never begins, for
 * example because its timeout is over. Also sends the responses. Plain requests begin in their order. The number of
 * handlers that run at once is limited, and no handler begins while too many responses wait for the peer
 * (docs/decisions/0015). Runs on the loop's thread.
 */
final class RequestDispatcher {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final Sessions sessions;
    private final RequestsInFlight inFlight;
    private final MessageOutput output;
    private final @Nullable MessageLog messageLog;
    private final Callbacks session;
    private final LoopExchange onLoop;
    private final CurrentExchange.OfLoop current;
    private final WaitingRequests waiting = new WaitingRequests();

    /** The request that is being prepared on another thread, one at a time; null if there is none now. */
    private @Nullable ContentPreparation preparing;

    /** The part of the session that its requests use. */
    interface Callbacks extends HandlerExecutor.Session {
        /** Returns the credentials that were accepted on the connection. */
        ConnectionCredentials credentials();

        /** Ends the connection with an error. */
        void end(Message error, CloseReason reason);

        /** Sends the last response of the connection, and then closes the connection. */
        void endAfter(Runnable response);

        boolean isDraining();

        /** Called when the handler of a request or stream has been started. */
        void began();

        /** Counts a request that was refused because of an error in it. */
        void erred();
    }

    RequestDispatcher(
            LoopConnection connection,
            ServerSettings settings,
            Sessions sessions,
            RequestsInFlight inFlight,
            MessageOutput output,
            @Nullable MessageLog messageLog,
            Callbacks session) {
        this.connection = connection;
        this.settings = settings;
        this.sessions = sessions;
        this.inFlight = inFlight;
        this.output = output;
        this.messageLog = messageLog;
        this.session = session;
        this.onLoop = new LoopExchange(connection, settings.passedOn(), session.credentials());
        this.current = CurrentExchange.of(connection.loop());
    }

    /**
     * Returns true if further messages may be read. While the first message of a stream waits for its preparation, no
     * message is read, so that later messages of the stream do not overtake it.
     */
    boolean mayRead() {
        return !waiting.isFull() && !waiting.hasOpener();
    }

    boolean areNoneHeld() {
        return waiting.isEmpty();
    }

    /** Returns true if a request with this id waits for its turn. */
    boolean has(long id) {
        return !waiting.isEmpty() && waiting.has(id);
    }

    long heldBytes() {
        return waiting.heldBytes();
    }

    // Messages that were read.

    /** Takes a request that was just read. The request may be lent. */
    void take(Message request) {
        boolean isPlain = request.header().id() == Header.NO_ID;
        if (messageLog != null) {
            messageLog.received(request);
        }
        Route route = settings.router()
                .findOnLoop(request, connection, settings.limits().onLoopBytesMax());
        if (route == null) {
            waiting.add(WaitingRequest.of(request.kept(), null, nowNanos()));
            goOn();
            return;
        }
        boolean serverIsFull = isServerFull();
        boolean isBehindOthers = isPlain ? waiting.hasPlain() : waiting.hasWithId() && runsApart(request, route);
        if (isBehindOthers || mustWait(request, route, serverIsFull)) {
            waiting.add(WaitingRequest.of(request.kept(), route, nowNanos()));
        } else {
            begin(request, route, serverIsFull, 0);
        }
    }

    /**
     * Takes a message that was refused when it was read. If the message has no id, its error is sent after the
     * responses to the plain requests before it.
     */
    void takeUnreadable(FrameReader.Refused refused) {
        boolean isPlain = refused.id() == Header.NO_ID;
        if (messageLog != null) {
            messageLog.unreadable(refused.id(), refused.oneWay());
        }
        if (isPlain && (inFlight.hasPlain() || waiting.hasPlain())) {
            waiting.add(WaitingRequest.of(refused, nowNanos()));
        } else {
            refuseUnreadable(refused);
        }
    }

    private long nowNanos() {
        return connection.loop().freshNanos();
    }

    /** Returns true if the request has a handler on a virtual thread, so that it counts as a request in flight. */
    private static boolean runsApart(Message request, Route route) {
        return route.isApart() && !request.header().hasMore();
    }

    /**
     * Returns true if a request must wait for its turn. Plain requests are answered in their order, even with errors.
     * So a plain request that is refused waits for the plain requests before it.
     */
    private boolean mustWait(Message request, Route route, boolean serverIsFull) {
        boolean runsApart = runsApart(request, route) && !session.isDraining();
        boolean isTooMany = runsApart && inFlight.isFull();
        boolean isTooEarly = request.header().id() == Header.NO_ID && inFlight.hasPlain();
        boolean mayFollow = runsApart && !serverIsFull && inFlight.mayFollow(request);
        return isTooMany || isTooEarly && !mayFollow;
    }

    // Requests that wait.

    /** Begins the waiting requests that may begin now. Called when a reason for their waiting may be over. */
    void goOn() {
        if (!inFlight.goOn()) {
            sessions.retryLater(session);
        }
        boolean someBegan = true;
        while (someBegan && !output.isHeldBack() && !sessions.fairShare().isOver(output)) {
            boolean plain = beginNext(Kind.PLAIN);
            boolean withId = beginNext(Kind.WITH_ID);
            boolean opener = beginNext(Kind.OPENER);
            someBegan = plain || withId || opener;
        }
    }

    /** Takes the next waiting request of a kind. Returns true if it began or was refused. */
    private boolean beginNext(Kind kind) {
        WaitingRequest next = waiting.peek(kind);
        if (next == null) {
            return false;
        }
        FrameReader.Refused refused = next.refused();
        if (refused != null) {
            if (inFlight.hasPlain()) {
                return false;
            }
            waiting.poll(kind);
            refuseUnreadable(refused);
            return true;
        }
        Message request = Objects.requireNonNull(next.request());
        Route route = next.route();
        if (route == null) {
            prepare(next, request);
            return false;
        }
        boolean serverIsFull = isServerFull();
        if (mustWait(request, route, serverIsFull)) {
            return false;
        }
        waiting.poll(kind);
        return begin(request, route, serverIsFull, nowNanos() - next.readNanos());
    }

    /**
     * Puts a request back at the front of the queue. Called if the thread of its handler found no room for the
     * response.
     */
    void postponed(HandlerTask task) {
        waiting.addFirst(WaitingRequest.of(task.request(), task.route(), task.readNanos()));
    }

    // Requests that are prepared on another thread.

    private void prepare(WaitingRequest next, Message request) {
        if (preparing != null) {
            return;
        }
        var preparation = ContentPreparation.of(next, request, connection, settings);
        if (preparation == null) {
            sessions.retryLater(session);
            return;
        }
        preparing = preparation;
        sessions.contentPreparer().add(preparation, () -> session.guarded(() -> prepared(preparation)));
    }

    private void prepared(ContentPreparation done) {
        preparing = null;
        done.letGo();
        if (waiting.replace(done.waiting(), done.result()) && done.isError()) {
            session.erred();
        }
        session.flush();
    }

    // Requests whose turn it is.

    /**
     * Decides what becomes of a request whose turn it is: it is refused, or opens a stream, or is handled here, or is
     * handled on a thread of its own. Returns false if it must wait again, because there is no memory for its thread.
     */
    private boolean begin(Message request, Route route, boolean serverIsFull, long waitedNanos) {
        StreamWork stream = route.stream();
        RequestReport report = RequestReport.begin(settings, connection, request, route, waitedNanos);
        Message refusal = refusalOf(request.header(), route, serverIsFull, waitedNanos);
        if (refusal != null) {
            sessions.fairShare().countOther();
            refuse(request.header(), refusal, report);
        } else if (stream != null) {
            inFlight.streams().start(request.kept(), stream, route, report, waitedNanos);
            session.began();
        } else if (route.onLoop()) {
            beginHere(request, route, report, waitedNanos);
        } else {
            return beginApart(request.kept(), route, report, waitedNanos);
        }
        if (!Router.isAboutUs(route)) {
            settings.counters().requests.increment();
        }
        return true;
    }

    /** Returns the error for a request whose handler must not be called; null if it may be called. */
    private @Nullable Message refusalOf(Header header, Route route, boolean serverIsFull, long waitedNanos) {
        if (session.isDraining()) {
            return ErrorResponses.of(
                    ErrorCode.GOING_AWAY, "the server ends this connection and takes no new requests on it");
        }
        if (route.refusal() != null) {
            return route.refusal();
        }
        if (isOverdue(header, waitedNanos)) {
            return ErrorResponses.of(
                    ErrorCode.TIMEOUT,
                    "the handler did not run: timeout-ms was " + header.timeoutMillis()
                            + ", which was over before its turn came");
        }
        if (route.stream() != null) {
            return refusalOfStream(header, serverIsFull);
        }
        if (header.hasMore()) {
            return ErrorResponses.of(
                    ErrorCode.BAD_FIELD, "more must be absent: this action takes one message, not several");
        }
        return serverIsFull && !route.onLoop() ? serverFull() : null;
    }

    private @Nullable Message refusalOfStream(Header header, boolean serverIsFull) {
        if (header.id() == Header.NO_ID) {
            return ErrorResponses.of(ErrorCode.BAD_FIELD, "id is required: it identifies the messages of a stream");
        }
        if (header.isOneWay()) {
            return ErrorResponses.of(ErrorCode.BAD_FIELD, "reply must not be false: a stream is answered");
        }
        if (inFlight.streams().isFull()) {
            int most = settings.limits().streamsMax();
            return ErrorResponses.of(ErrorCode.BUSY, most + " streams are open on this connection, which is the limit");
        }
        return serverIsFull ? serverFull() : null;
    }

    private Message serverFull() {
        int most = settings.limits().inFlightTotalMax();
        return ErrorResponses.of(
                ErrorCode.BUSY, most + " requests are being handled, which is the limit of this server");
    }

    private void beginHere(Message request, Route route, @Nullable RequestReport report, long waitedNanos) {
        Message response = handleHere(route, request, waitedNanos);
        if (request.header().isOneWay()) {
            RequestReport.end(report, response);
        } else {
            respond(request, route, request.header().id(), response, report);
        }
    }

    private boolean beginApart(Message request, Route route, @Nullable RequestReport report, long waitedNanos) {
        if (!inFlight.start(request, route, report, waitedNanos)) {
            waiting.addFirst(WaitingRequest.of(request, route, nowNanos() - waitedNanos));
            sessions.retryLater(session);
            return false;
        }
        settings.counters().requests.increment();
        session.began();
        return true;
    }

    private static boolean isOverdue(Header header, long waitedNanos) {
        long millis = header.timeoutMillis();
        return millis >= 0 && millis <= waitedNanos / 1_000_000;
    }

    private boolean isServerFull() {
        return settings.counters().handlers.get() >= settings.limits().inFlightTotalMax();
    }

    private Message handleHere(Route route, Message request, long waitedNanos) {
        current.set(onLoop.of(request, waitedNanos));
        try {
            Message response = route.handler().handle(request, onLoop);
            return Objects.requireNonNull(response, "the handler returned null");
        } catch (Throwable thrown) {
            sessions.fairShare().countFailure();
            return failed(request, route, Failures.unwrapped(thrown));
        } finally {
            current.set(null);
            onLoop.done();
        }
    }

    // Responses.

    /**
     * Sends the response to a request.
     *
     * @param request the request, for the log; null if the response is a refusal, and no handler was called
     * @param report the report that ends with the response; null if there is none
     */
    void respond(
            @Nullable Message request,
            @Nullable Route route,
            long id,
            Message response,
            @Nullable RequestReport report) {
        if (settings.closeAfterResponse()) {
            session.endAfter(() -> put(request, route, id, response, report));
        } else {
            put(request, route, id, response, report);
        }
    }

    private void put(
            @Nullable Message request,
            @Nullable Route route,
            long id,
            Message response,
            @Nullable RequestReport report) {
        Message sent = put(request, route, id, response);
        RequestReport.end(report, sent);
    }

    /**
     * Sends a response. If its header has no further keys, the message is sent unchanged, with the id of its request.
     * If the response cannot be sent, or is longer than this server's limit for a message, only this request fails.
     * Returns the response that is sent.
     */
    private Message put(@Nullable Message request, @Nullable Route route, long id, Message response) {
        try {
            boolean isPlain = response.header().others().isEmpty();
            Message going = isPlain ? response : response.going(Direction.RESPONSE, id);
            output.put(going, id, settings.limits().frame());
            return response;
        } catch (RuntimeException | OutOfMemoryError notSent) {
            if (output.isTorn() || connection.closeReason() != null) {
                throw notSent; // a part of the response was sent, or the connection is closed
            }
            log(request, route, notSent, "threw, or answered what cannot be sent");
            Message error = ErrorResponses.of(notSent);
            output.put(error, id);
            return error;
        }
    }

    /** Logs an exception that a handler threw, and returns the error response for it. Only this request fails. */
    Message failed(Message request, Route route, Throwable thrown) {
        Throwable unexplained = FailedCheck.unexplainedOrNull(thrown);
        if (unexplained != null) {
            log(request, route, unexplained, "refused the content, since a check of its type threw");
        } else if (!ErrorResponses.isAnswer(thrown)) {
            log(request, route, thrown, "threw");
        } else if (messageLog != null && thrown.getCause() != null) {
            messageLog.refused(request, thrown.getCause());
        }
        return ErrorResponses.of(thrown);
    }

    private void log(@Nullable Message request, @Nullable Route route, Throwable thrown, String did) {
        String action = request == null || route == null ? null : route.actionOf(request);
        String handler = action == null ? "the handler of a request" : "the handler of '" + action + "'";
        String where = handler + " on connection " + connection.id() + " with " + connection.peerText() + " " + did;
        settings.failures().failed(connection.loop(), where, thrown);
    }

    // Refusals.

    /** Refuses a message that could not be read. */
    private void refuseUnreadable(FrameReader.Refused refused) {
        RequestReport report = RequestReport.begin(settings, connection, null, null, 0);
        refuse(refused.id(), refused.more(), refused.oneWay(), ErrorResponses.of(refused.error()), report);
    }

    private void refuse(Header header, Message error, @Nullable RequestReport report) {
        refuse(header.id(), header.hasMore(), header.isOneWay(), error, report);
    }

    /**
     * Answers a message with an error, without a handler. If the message opens a stream, the rest of the stream is
     * dropped.
     */
    private void refuse(long id, boolean more, boolean oneWay, Message error, @Nullable RequestReport report) {
        if (more && !inFlight.streams().dropRest(id)) {
            String why = "more than " + Streams.DROPPING_MAX + " refused streams were not ended";
            session.end(ErrorResponses.of(ErrorCode.TOO_MANY_ERRORS, why), CloseReason.PROTOCOL);
            RequestReport.end(report, error);
        } else if (oneWay) {
            if (messageLog != null) {
                messageLog.refusedOneWay(error);
            }
            RequestReport.end(report, error);
        } else {
            respond(null, null, id, error, report);
        }
    }

    /** Cancels a request because its client gives it up. If no request with this id is under way, nothing happens. */
    void cancel(long id) {
        WaitingRequest gone = waiting.remove(id);
        if (gone == null) {
            inFlight.cancel(id);
        } else {
            Message error = ErrorResponses.of(ErrorCode.CANCELLED, "the client cancelled the request");
            refuse(id, false, !gone.wantsAnswer(), error, reportOf(gone));
        }
    }

    /**
     * Answers all waiting requests with this error, the plain requests in their order; their handlers will never start.
     *
     * @return the number of requests that were given up, including one-way requests
     */
    int giveUp(Message error) {
        List<WaitingRequest> all = waiting.takeAll();
        for (WaitingRequest each : all) {
            if (each.wantsAnswer()) {
                output.put(error.going(Direction.RESPONSE, each.id()));
            }
            RequestReport.end(reportOf(each), error);
        }
        return all.size();
    }

    private @Nullable RequestReport reportOf(WaitingRequest gone) {
        return RequestReport.begin(settings, connection, gone.request(), gone.route(), nowNanos() - gone.readNanos());
    }

    /** Drops all waiting requests. Called when the connection is closed. */
    void close() {
        waiting.takeAll().forEach(gone -> RequestReport.lost(reportOf(gone)));
        if (preparing != null) {
            preparing.cancel();
        }
    }
}
