package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.Journal;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.server.Held.HeldRequest;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection: each is routed, and begins, is refused, or waits for its turn. Plain ones begin in
 * their order; no more handlers run than may, and none begins while answers wait that the peer does not take (docs/
 * decisions/0015). Runs on the loop's thread.
 */
final class Requests {
    private final LoopConnection connection;
    private final ServerSettings settings;
    private final Sessions sessions;
    private final InFlight inFlight;
    private final MessageOutput responses;
    private final @Nullable Journal journal;
    private final Whom whom;
    private final OnLoop onLoop;
    private final Held held = new Held();

    /** The one that is looked at on another thread; one at a time. */
    private @Nullable Preparation preparing;

    /** The session. */
    interface Whom {
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

    Requests(
            LoopConnection connection,
            ServerSettings settings,
            Sessions sessions,
            InFlight inFlight,
            MessageOutput responses,
            @Nullable Journal journal,
            Whom whom) {
        this.connection = connection;
        this.settings = settings;
        this.sessions = sessions;
        this.inFlight = inFlight;
        this.responses = responses;
        this.journal = journal;
        this.whom = whom;
        this.onLoop = new OnLoop(connection);
    }

    /** Whether further messages may be read. The first one of a stream is not passed by the others of it. */
    boolean mayRead() {
        return !held.isFull() && (preparing == null || !preparing.opensStream());
    }

    boolean areNoneHeld() {
        return held.isEmpty();
    }

    /** Whether a request with this id waits for its turn. */
    boolean has(long id) {
        return held.hasWithId() && held.has(id);
    }

    long heldBytes() {
        return held.heldBytes();
    }

    // One that was read.

    /** Takes a request that was read now; it may be lent. */
    void take(Message request) {
        boolean isPlain = request.header().id() == Header.NO_ID;
        if (journal != null) {
            journal.received(request);
        }
        Route route = settings.router()
                .findOnLoop(request, connection, settings.limits().onLoopBytesMax());
        if (route == null) {
            held.add(HeldRequest.of(request.kept(), null, nowNanos()));
            goOn();
            return;
        }
        boolean serverIsFull = isServerFull();
        boolean isBehindOthers = isPlain ? held.hasPlain() : held.hasWithId() && runsApart(request, route);
        if (isBehindOthers || mustWait(request, route, serverIsFull)) {
            held.add(HeldRequest.of(request.kept(), route, nowNanos()));
        } else {
            begin(request, route, serverIsFull, 0);
        }
    }

    /** Takes a message that was refused: without an id, its error waits for the answers before it. */
    void take(FrameReader.Refused refused) {
        boolean isPlain = refused.id() == Header.NO_ID;
        if (journal != null) {
            journal.unreadable(refused.id(), refused.oneWay());
        }
        if (isPlain && (inFlight.hasPlain() || held.hasPlain())) {
            held.add(HeldRequest.of(refused, nowNanos()));
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
        boolean runsApart = runsApart(request, route) && !whom.isDraining();
        boolean isTooMany = runsApart && inFlight.isFull();
        boolean isTooEarly = request.header().id() == Header.NO_ID && inFlight.hasPlain();
        boolean mayFollow = runsApart && !serverIsFull && inFlight.mayFollow(request);
        return isTooMany || isTooEarly && !mayFollow;
    }

    // Those that wait.

    /** Whatever held them back may be over: those begin that may. */
    void goOn() {
        if (!inFlight.goOn()) {
            sessions.retryLater(whom::changed);
        }
        boolean someBegan = true;
        while (someBegan && !responses.isHeldBack() && !sessions.turn().isOver(responses)) {
            boolean first = goOn(true);
            boolean second = goOn(false);
            someBegan = first || second;
        }
    }

    /** Whether one began. */
    private boolean goOn(boolean isPlain) {
        HeldRequest next = held.peek(isPlain);
        if (next == null) {
            return false;
        }
        FrameReader.Refused refused = next.refused();
        if (refused != null) {
            if (inFlight.hasPlain()) {
                return false;
            }
            held.poll(isPlain);
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
        held.poll(isPlain);
        return begin(request, route, serverIsFull, nowNanos() - next.readNanos());
    }

    /** It was given to a thread, which found no room for its answer: its turn comes again. */
    void postponed(Running running) {
        held.addFirst(HeldRequest.of(running.request(), running.route(), running.readNanos()));
    }

    // Those that are looked at on another thread.

    private void prepare(HeldRequest next, Message request) {
        if (preparing != null) {
            return;
        }
        var preparation = Preparation.of(next, request, connection, settings);
        if (preparation == null) {
            sessions.retryLater(whom::changed);
            return;
        }
        preparing = preparation;
        sessions.preparer().add(preparation, () -> prepared(preparation));
    }

    private void prepared(Preparation done) {
        preparing = null;
        done.letGo();
        if (held.replace(done.held(), done.result()) && done.isError()) {
            whom.erred();
        }
        whom.changed();
    }

    // Those whose turn it is.

    private boolean begin(Message request, Route route, boolean serverIsFull, long waitedNanos) {
        Header header = request.header();
        Message refusal = route.refusal();
        StreamWork stream = route.stream();
        if (whom.isDraining()) {
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
                whom.answer(request, response);
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
            held.addFirst(HeldRequest.of(request, route, nowNanos() - waitedNanos));
            sessions.retryLater(whom::changed);
            return false;
        }
        settings.counters().requests.increment();
        whom.began();
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
        } else if (whom.streams().isFull()) {
            int most = settings.limits().streamsMax();
            refuse(request, ErrorCode.BUSY, most + " streams are open on this connection, which is the limit");
        } else if (serverIsFull) {
            refuse(request, ErrorCode.BUSY, tooManyHandlers());
        } else {
            whom.streams().start(request.kept(), stream, interrupts);
            whom.began();
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
            sessions.turn().tookFailure();
            return whom.failed(request, thrown);
        } finally {
            onLoop.done();
        }
    }

    // Refusals.

    private void refuse(Message request, ErrorCode code, String why) {
        refuse(request, Errors.of(code, why));
    }

    private void refuse(Message request, Message error) {
        Header header = request.header();
        sessions.turn().tookOther();
        refuse(header.id(), header.hasMore(), header.isOneWay(), error);
    }

    /** A message that could not be read. */
    private void refuse(FrameReader.Refused refused) {
        refuse(refused.id(), refused.more(), refused.oneWay(), Errors.of(refused.error()));
    }

    /** Answers a first message without a handler; where more of it follows, that is dropped. */
    private void refuse(long id, boolean more, boolean oneWay, Message error) {
        if (more && !whom.streams().dropRest(id)) {
            String why = "more than " + Streams.DROPPING_MAX + " refused streams were not ended";
            whom.end(Errors.of(ErrorCode.TOO_MANY_ERRORS, why), CloseReason.PROTOCOL);
        } else if (oneWay) {
            if (journal != null) {
                journal.refusedOneWay(error);
            }
        } else {
            whom.refuse(id, error);
        }
    }

    /** The client gives a request up; one that is not under way any more is none of ours. */
    void cancel(long id) {
        HeldRequest gone = held.remove(id);
        if (gone == null) {
            inFlight.cancel(id);
        } else if (gone.wantsAnswer()) {
            whom.refuse(id, Errors.of(ErrorCode.CANCELLED, "the client cancelled the request"));
        }
    }

    /**
     * None of those that wait will begin.
     *
     * @param missing told the id of each answer that the client will miss; plain ones in their order
     * @return how many requests that ends
     */
    int giveUp(LongConsumer missing) {
        List<HeldRequest> all = held.takeAll();
        all.stream().filter(HeldRequest::wantsAnswer).forEach(each -> missing.accept(each.id()));
        return all.size();
    }

    /** The connection is over. */
    void close() {
        held.takeAll();
        if (preparing != null) {
            preparing.cancel();
        }
    }
}
