package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.server.WaitingRequests.WaitingRequest;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection: each is routed, and begins, is refused, or waits for its turn. Plain ones begin in
 * their order; no more handlers run than may, and none begins while answers wait that the peer does not take (docs/
 * decisions/0015). Runs on the loop's thread.
 */
final class RequestDispatcher {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final Sessions sessions;
    private final RequestsInFlight inFlight;
    private final MessageOutput output;
    private final @Nullable MessageLog messageLog;
    private final Session session;
    private final LoopExchange onLoop;
    private final WaitingRequests waiting = new WaitingRequests();

    /** The one that is looked at on another thread; one at a time. */
    private @Nullable ContentPreparation preparing;

    /** The session. */
    interface Session {
        /** A request was answered on the loop. */
        void answer(Message request, Message response);

        /** A request is answered without a handler. */
        void refuse(long id, Message error);

        /** Whatever a handler throws costs this one request. */
        Message failed(Message request, Throwable thrown);

        /** The connection cannot go on. */
        void end(Message error, CloseReason reason);

        boolean isDraining();

        /** Something is begun for the client. */
        void began();

        Streams streams();

        /** A request was refused for what it is. */
        void erred();

        /** What is held back may go on. */
        void changed();
    }

    RequestDispatcher(
            LoopConnection connection,
            ServerSettings settings,
            Sessions sessions,
            RequestsInFlight inFlight,
            MessageOutput output,
            @Nullable MessageLog messageLog,
            Session session) {
        this.connection = connection;
        this.settings = settings;
        this.sessions = sessions;
        this.inFlight = inFlight;
        this.output = output;
        this.messageLog = messageLog;
        this.session = session;
        this.onLoop = new LoopExchange(connection);
    }

    /** Whether further messages may be read. The first one of a stream is not passed by the others of it. */
    boolean mayRead() {
        return !waiting.isFull() && (preparing == null || !preparing.opensStream());
    }

    boolean areNoneHeld() {
        return waiting.isEmpty();
    }

    /** Whether a request with this id waits for its turn. */
    boolean has(long id) {
        return waiting.hasWithId() && waiting.has(id);
    }

    long heldBytes() {
        return waiting.heldBytes();
    }

    // One that was read.

    /** Takes a request that was read now; it may be lent. */
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

    /** Takes a message that was refused: without an id, its error waits for the answers before it. */
    void take(FrameReader.Refused refused) {
        boolean isPlain = refused.id() == Header.NO_ID;
        if (messageLog != null) {
            messageLog.unreadable(refused.id(), refused.oneWay());
        }
        if (isPlain && (inFlight.hasPlain() || waiting.hasPlain())) {
            waiting.add(WaitingRequest.of(refused, nowNanos()));
        } else {
            refuse(refused);
        }
    }

    private long nowNanos() {
        return connection.loop().freshNanos();
    }

    /** One whose handler counts. */
    private static boolean runsApart(Message request, Route route) {
        return route.isApart() && !request.header().hasMore();
    }

    /** Plain requests are answered in their order, with errors too: so what is refused waits for those before it. */
    private boolean mustWait(Message request, Route route, boolean serverIsFull) {
        boolean runsApart = runsApart(request, route) && !session.isDraining();
        boolean isTooMany = runsApart && inFlight.isFull();
        boolean isTooEarly = request.header().id() == Header.NO_ID && inFlight.hasPlain();
        boolean mayFollow = runsApart && !serverIsFull && inFlight.mayFollow(request);
        return isTooMany || isTooEarly && !mayFollow;
    }

    // Those that wait.

    /** Whatever held them back may be over: those begin that may. */
    void goOn() {
        if (!inFlight.goOn()) {
            sessions.retryLater(session::changed);
        }
        boolean someBegan = true;
        while (someBegan && !output.isHeldBack() && !sessions.fairShare().isOver(output)) {
            boolean first = goOn(true);
            boolean second = goOn(false);
            someBegan = first || second;
        }
    }

    /** Whether one began. */
    private boolean goOn(boolean isPlain) {
        WaitingRequest next = waiting.peek(isPlain);
        if (next == null) {
            return false;
        }
        FrameReader.Refused refused = next.refused();
        if (refused != null) {
            if (inFlight.hasPlain()) {
                return false;
            }
            waiting.poll(isPlain);
            refuse(refused);
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
        waiting.poll(isPlain);
        return begin(request, route, serverIsFull, nowNanos() - next.readNanos());
    }

    /** It was given to a thread, which found no room for its answer: its turn comes again. */
    void postponed(HandlerTask task) {
        waiting.addFirst(WaitingRequest.of(task.request(), task.route(), task.readNanos()));
    }

    // Those that are looked at on another thread.

    private void prepare(WaitingRequest next, Message request) {
        if (preparing != null) {
            return;
        }
        var preparation = ContentPreparation.of(next, request, connection, settings);
        if (preparation == null) {
            sessions.retryLater(session::changed);
            return;
        }
        preparing = preparation;
        sessions.contentPreparer().add(preparation, () -> prepared(preparation));
    }

    private void prepared(ContentPreparation done) {
        preparing = null;
        done.letGo();
        if (waiting.replace(done.waiting(), done.result()) && done.isError()) {
            session.erred();
        }
        session.changed();
    }

    // Those whose turn it is.

    private boolean begin(Message request, Route route, boolean serverIsFull, long waitedNanos) {
        Header header = request.header();
        Message refusal = route.refusal();
        StreamWork stream = route.stream();
        if (session.isDraining()) {
            refuse(request, ErrorCode.GOING_AWAY, "the server ends this connection and takes no new requests on it");
        } else if (refusal != null) {
            refuse(request, refusal);
        } else if (isOverdue(header, waitedNanos)) {
            refuse(
                    request,
                    ErrorCode.TIMEOUT,
                    "the handler did not run: timeout-ms was " + header.timeoutMillis()
                            + ", which was over before its turn came");
        } else if (stream != null) {
            beginStream(request, stream, route.interrupts(), serverIsFull);
        } else if (header.hasMore()) {
            refuse(request, ErrorCode.BAD_FIELD, "more must be absent: this action takes one message");
        } else if (route.onLoop()) {
            Message response = handleHere(route, request, waitedNanos);
            if (!header.isOneWay()) {
                session.answer(request, response);
            }
        } else if (serverIsFull) {
            refuse(request, ErrorCode.BUSY, tooManyHandlers());
        } else {
            return beginApart(request.kept(), route, waitedNanos);
        }
        if (!Router.isAboutUs(route)) {
            settings.counters().requests.increment();
        }
        return true;
    }

    private boolean beginApart(Message request, Route route, long waitedNanos) {
        if (!inFlight.start(request, route, waitedNanos)) {
            waiting.addFirst(WaitingRequest.of(request, route, nowNanos() - waitedNanos));
            sessions.retryLater(session::changed);
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

    private void beginStream(Message request, StreamWork stream, boolean interrupts, boolean serverIsFull) {
        if (request.header().id() == Header.NO_ID) {
            refuse(request, ErrorCode.BAD_FIELD, "id must be there: the messages of a stream are found by it");
        } else if (request.header().isOneWay()) {
            refuse(request, ErrorCode.BAD_FIELD, "reply must not be false: a stream is answered");
        } else if (session.streams().isFull()) {
            int most = settings.limits().streamsMax();
            refuse(request, ErrorCode.BUSY, most + " streams are open on this connection, which is the limit");
        } else if (serverIsFull) {
            refuse(request, ErrorCode.BUSY, tooManyHandlers());
        } else {
            session.streams().start(request.kept(), stream, interrupts);
            session.began();
        }
    }

    private boolean isServerFull() {
        return settings.counters().handlers.get() >= settings.limits().inFlightTotalMax();
    }

    private String tooManyHandlers() {
        return settings.limits().inFlightTotalMax() + " requests are being handled, which is the limit of this server";
    }

    private Message handleHere(Route route, Message request, long waitedNanos) {
        try {
            Message response = route.handler().handle(request, onLoop.of(request, waitedNanos));
            return Objects.requireNonNull(response, "the handler returned null");
        } catch (Throwable thrown) {
            sessions.fairShare().tookFailure();
            return session.failed(request, thrown);
        } finally {
            onLoop.done();
        }
    }

    // Refusals.

    private void refuse(Message request, ErrorCode code, String why) {
        refuse(request, ErrorResponses.of(code, why));
    }

    private void refuse(Message request, Message error) {
        Header header = request.header();
        sessions.fairShare().tookOther();
        refuse(header.id(), header.hasMore(), header.isOneWay(), error);
    }

    /** A message that could not be read. */
    private void refuse(FrameReader.Refused refused) {
        refuse(refused.id(), refused.more(), refused.oneWay(), ErrorResponses.of(refused.error()));
    }

    /** Answers a first message without a handler; where more of it follows, that is dropped. */
    private void refuse(long id, boolean more, boolean oneWay, Message error) {
        if (more && !session.streams().dropRest(id)) {
            String why = "more than " + Streams.DROPPING_MAX + " refused streams were not ended";
            session.end(ErrorResponses.of(ErrorCode.TOO_MANY_ERRORS, why), CloseReason.PROTOCOL);
        } else if (oneWay) {
            if (messageLog != null) {
                messageLog.refusedOneWay(error);
            }
        } else {
            session.refuse(id, error);
        }
    }

    /** The client gives a request up; one that is not under way any more is none of ours. */
    void cancel(long id) {
        WaitingRequest gone = waiting.remove(id);
        if (gone == null) {
            inFlight.cancel(id);
        } else if (gone.wantsAnswer()) {
            session.refuse(id, ErrorResponses.of(ErrorCode.CANCELLED, "the client cancelled the request"));
        }
    }

    /**
     * None of those that wait will begin.
     *
     * @param missing told the id of each answer that the client will miss; plain ones in their order
     * @return how many requests that ends
     */
    int giveUp(LongConsumer missing) {
        List<WaitingRequest> all = waiting.takeAll();
        all.stream().filter(WaitingRequest::wantsAnswer).forEach(each -> missing.accept(each.id()));
        return all.size();
    }

    /** The connection is over. */
    void close() {
        waiting.takeAll();
        if (preparing != null) {
            preparing.cancel();
        }
    }
}
