package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.ForeignProtocol;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.LentContents;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.Durations;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server: messages are read, routed, handled and answered. Requests without an id are handled one
 * after another; those with one at once, and answered as they are done. Where no further request may start, reading
 * stops, so the peer is held back by its own socket and nothing here grows. Runs on the loop's thread.
 */
public final class ServerSession implements Receiver {
    private final ServerSettings settings;
    private final Sessions sessions;
    private final Turn turn;
    private final LoopConnection connection;
    private final FrameReader reader;
    private final MessageOutput responses;
    private final MessageClock clock;
    private final InFlight inFlight;
    private final Ending ending;
    private final OnLoop onLoop;
    private final ControlMessages controls;
    private final PeerWatch peerWatch;
    private final Departure departure;

    /** The request of the frame that was lent last, which is nearly always that of the next one. */
    private @Nullable Message lastRequest;

    /**
     * A request, or the refusal of a plain one, whose turn has not come: the plain one before it is still being
     * handled, or as many run as may. What follows is not read; controls before it were.
     */
    private FrameReader.@Nullable Result waiting;

    private long waitingSinceNanos;

    /** What was read after the moment from which nothing further could start; null while reading goes on. */
    private @Nullable ByteBuffer unread;

    private boolean nextTurnDue;
    private boolean peerEnded;
    private boolean over;

    /** Whether the peer has shown a key of ours, and so may be sent a control. */
    private boolean knowsUs;

    private long messages;

    /** Null where no credentials are asked for, or some were accepted. */
    private @Nullable Stranger stranger;

    /** Where {@link Sessions} keeps it; its own. */
    int place = -1;

    /** A session for one connection. */
    public ServerSession(ServerSettings settings, Sessions sessions, LoopConnection connection) {
        this.settings = settings;
        this.sessions = sessions;
        this.turn = sessions.turn();
        this.connection = connection;
        this.reader = new FrameReader(settings.limits().frame(), Direction.REQUEST, LentContents.ofThisThread());
        this.responses = new MessageOutput(connection);
        this.clock = new MessageClock(connection.loop(), settings.limits(), this::tooSlow);
        this.inFlight = new InFlight(connection, settings, this::answerOfHandler);
        this.onLoop = new OnLoop(connection);
        this.ending = new Ending(connection, settings.limits().drainGrace(), inFlight, responses);
        this.controls = new ControlMessages(connection.loop(), settings, inFlight, responses);
        this.peerWatch = new PeerWatch(connection, settings.limits(), responses, new Watched());
        this.departure = new Departure(connection, responses, this::flush);
        this.stranger = settings.strangers() == null ? null : stranger(settings.strangers());
        sessions.add(this);
    }

    private Stranger stranger(Strangers all) {
        all.add(connection, this);
        responses.heldBackFrom(Stranger.QUEUED_BYTES_HIGH);
        return new Stranger(connection.loop(), settings.limits().headerTimeout(), this::nothingAccepted);
    }

    // Reading.

    @Override
    public void bytes(LoopConnection ignored, ByteBuffer bytes) {
        peerWatch.heard();
        if (over || ending.hasBegun()) {
            return;
        }
        if (unread != null) {
            unread = joined(unread, bytes);
            return;
        }
        turn.begin(responses);
        take(bytes);
        if (bytes.hasRemaining() && !over && !ending.hasBegun()) {
            unread = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            connection.pauseReading();
        }
        settle();
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    /** Takes messages until the bytes are used up or nothing further may start. */
    private void take(ByteBuffer bytes) {
        while (bytes.hasRemaining() && mayStart()) {
            take(reader.read(bytes));
        }
    }

    private boolean mayStart() {
        return !over
                && !ending.hasBegun()
                && waiting == null
                && !turn.isOver(responses)
                && !responses.isHeldBack()
                && (stranger == null || !inFlight.hasWork());
    }

    /** The others have had theirs. */
    void nextTurn() {
        nextTurnDue = false;
        flush();
    }

    /** Something that held the next request back is over: a handler returned, or the peer took what was queued. */
    private void goOn() {
        if (nextTurnDue) {
            return; // it goes on in its turn, and whatever comes back before gives it no other
        }
        turn.begin(responses);
        FrameReader.Result next = waiting;
        if (next != null && !over && !inFlight.isFull() && !ending.hasBegun()) {
            waiting = null;
            switch (next) {
                case FrameReader.Whole whole ->
                    handle(whole, requestOf(whole.frame()), connection.loop().freshNanos() - waitingSinceNanos);
                case FrameReader.Refused refused -> refuse(refused);
                default -> throw new IllegalStateException("nothing else waits: " + next);
            }
        }
        ByteBuffer rest = unread;
        if (rest != null && mayStart()) {
            take(rest);
            if (!rest.hasRemaining() && !over && !ending.hasBegun()) {
                unread = null;
                connection.resumeReading();
            }
        }
    }

    /** After every event: what is ready leaves, and the clock runs for a message that has begun. */
    private void settle() {
        Streams streams = inFlight.streamsOrNull();
        if (streams != null) {
            streams.send();
            ending.goOn(); // the last of them may have ended by that
        }
        responses.flush();
        if (unread != null && turn.isOver(responses) && !nextTurnDue) {
            nextTurnDue = true;
            sessions.turns().await(this);
        }
        if (unread != null && knowsUs) {
            peerWatch.holdsBack();
        }
        if (over || ending.hasBegun() || unread != null) {
            clock.stop();
            return;
        }
        clock.watch(reader);
        if (inFlight.isEmpty() && waiting == null) {
            closeIfDone();
        }
    }

    /** Nothing is under way. */
    private void closeIfDone() {
        if (peerEnded) {
            over = true;
            departure.close();
            return;
        }
        CloseReason reason = reader.isInsideFrame() ? null : departure.reasonIfDue();
        if (reason != null) {
            over = true;
            connection.closeLingering(reason);
        }
    }

    private void take(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                clock.stop();
                begin(whole, requestOf(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                clock.stop();
                refuse(refused);
            }
            case FrameReader.Broken broken -> end(Errors.of(broken.error()), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> turnAway(foreign.protocol());
        }
    }

    // Requests.

    @SuppressWarnings("ReferenceEquality") // the very frame that was lent before
    private Message requestOf(Frame frame) {
        Message last = lastRequest;
        if (last != null && last.frame() == frame) {
            return last;
        }
        Message request = Message.of(frame);
        lastRequest = frame.isLent() ? request : null; // any other is an idle connection's to forget
        return request;
    }

    private void begin(FrameReader.Whole whole, Message request) {
        Header header = request.header();
        if (header.isOfFullPeer()) {
            nowKnowsUs();
        }
        if (header.isControl()) {
            turn.tookOther();
            String tooMany = controls.take(header, messages);
            if (tooMany != null) {
                endForTooMany(tooMany);
            }
            return;
        }
        messages++;
        Streams streams = inFlight.streamsOrNull();
        if (header.id() == Header.NO_ID || !inFlight.has(header.id())) {
            handle(whole, request, 0);
        } else if (streams != null && streams.has(header.id())) {
            piece(streams.take(request));
        } else {
            endForDuplicateId();
        }
    }

    /** From here on the peer may be sent controls, and is told of a departure that has begun. */
    private void nowKnowsUs() {
        if (!knowsUs) {
            knowsUs = true;
            if (departure.hasBegun()) {
                departure.tell();
            }
        }
    }

    private void piece(Streams.Piece became) {
        switch (became) {
            case TAKEN -> {}
            case NOT_EXPECTED -> endForDuplicateId();
            case WITHOUT_CREDIT ->
                end(
                        Errors.of(ErrorCode.BAD_FRAME, "a message of a stream came without credit for it"),
                        CloseReason.PROTOCOL);
        }
    }

    private void endForTooMany(String what) {
        end(Errors.of(ErrorCode.TOO_MANY_ERRORS, "too many " + what + " in a short time"), CloseReason.PROTOCOL);
    }

    private void endForDuplicateId() {
        end(
                Errors.of(ErrorCode.DUPLICATE_ID, "id is that of a request that is still being handled"),
                CloseReason.PROTOCOL);
    }

    private void refuse(FrameReader.Refused refused) {
        messages++;
        turn.tookOther();
        if (refused.id() != Header.NO_ID) {
            nowKnowsUs();
        }
        Streams streams = inFlight.streamsOrNull();
        if (refused.id() == Header.NO_ID && inFlight.hasPlain()) {
            waiting = refused;
        } else if (controls.isOneErrorTooMany()) {
            endForTooMany("errors");
        } else if (refused.id() == Header.NO_ID || !inFlight.has(refused.id())) {
            refuse(refused.id(), refused.more(), refused.oneWay(), Errors.of(refused.error()));
        } else if (streams != null && streams.has(refused.id())) {
            streams.refuse(refused.id(), refused.more(), Errors.of(refused.error()));
        } else {
            endForDuplicateId();
        }
    }

    /** Answers a first message without a handler; where more of it follows, that is dropped. */
    private void refuse(long id, boolean more, boolean oneWay, Message error) {
        if (more && !streams().dropRest(id)) {
            String why = "more than " + Streams.DROPPING_MAX + " refused streams were not ended";
            end(Errors.of(ErrorCode.TOO_MANY_ERRORS, why), CloseReason.PROTOCOL);
        } else if (!oneWay) {
            answer(id, error);
        }
    }

    private void refuse(Message request, ErrorCode code, String why) {
        refuse(request, Errors.of(code, why));
    }

    private void refuse(Message request, Message error) {
        Header header = request.header();
        refuse(header.id(), header.hasMore(), header.isOneWay(), error);
    }

    private Streams streams() {
        return inFlight.streams(() -> new Streams(connection, settings, responses, new StreamsToSession()));
    }

    private void handle(FrameReader.Whole whole, Message request, long waitedNanos) {
        Route route = null;
        RuntimeException unreadable = null;
        try {
            route = settings.router().find(request);
        } catch (RuntimeException e) {
            unreadable = e;
        }
        boolean serverIsFull = isServerFull();
        if (mustWait(request, route, serverIsFull)) {
            waiting = new FrameReader.Whole(whole.frame().kept());
            waitingSinceNanos = connection.loop().freshNanos() - waitedNanos;
            return;
        }
        settings.counters().requests.increment();
        if (departure.hasBegun()) {
            refuse(request, ErrorCode.GOING_AWAY, "the server ends this connection and takes no new requests on it");
        } else if (unreadable != null) {
            refuse(request, failed(request, unreadable));
        } else if (route == null) {
            refuse(request, ErrorCode.UNKNOWN_ACTION, settings.router().whyNobody(request, connection));
        } else {
            start(request, route, serverIsFull, waitedNanos);
        }
    }

    /** Plain requests are answered in their order, with errors too: so what is refused waits for those before it. */
    private boolean mustWait(Message request, @Nullable Route route, boolean serverIsFull) {
        boolean runsApart = route != null && !route.onLoop() && route.stream() == null;
        boolean isTooMany = runsApart && inFlight.isFull() && !departure.hasBegun();
        boolean isTooEarly = request.header().id() == Header.NO_ID && inFlight.hasPlain();
        boolean mayFollow = runsApart && !departure.hasBegun() && !serverIsFull && inFlight.mayFollow(request);
        return isTooMany || isTooEarly && !mayFollow;
    }

    private void start(Message request, Route route, boolean serverIsFull, long waitedNanos) {
        Header header = request.header();
        StreamWork stream = route.stream();
        if (isOverdue(header, waitedNanos)) {
            refuse(
                    request,
                    ErrorCode.TIMEOUT,
                    "the handler did not run: timeout-ms was " + header.timeoutMillis()
                            + ", which was over before its turn came");
        } else if (stream != null) {
            startStream(request, stream, serverIsFull);
        } else if (header.hasMore()) {
            refuse(request, ErrorCode.BAD_FIELD, "more must be absent: this action takes one message");
        } else if (route.onLoop()) {
            Message response = handleHere(route, request, waitedNanos);
            if (!header.isOneWay()) {
                answer(header.id(), response);
            }
        } else if (serverIsFull) {
            refuse(request, ErrorCode.BUSY, tooManyHandlers());
        } else {
            inFlight.start(request.kept(), route, waitedNanos);
            watchPeer();
        }
    }

    private static boolean isOverdue(Header header, long waitedNanos) {
        long millis = header.timeoutMillis();
        return millis >= 0 && millis <= waitedNanos / 1_000_000;
    }

    private void startStream(Message request, StreamWork stream, boolean serverIsFull) {
        if (request.header().id() == Header.NO_ID) {
            refuse(request, ErrorCode.BAD_FIELD, "id must be there: the messages of a stream are found by it");
        } else if (request.header().isOneWay()) {
            refuse(request, ErrorCode.BAD_FIELD, "reply must not be false: a stream is answered");
        } else if (streams().isFull()) {
            int most = settings.limits().streamsMax();
            refuse(request, ErrorCode.BUSY, most + " streams are open on this connection, which is the limit");
        } else if (serverIsFull) {
            refuse(request, ErrorCode.BUSY, tooManyHandlers());
        } else {
            streams().start(request.kept(), stream);
            watchPeer();
        }
    }

    private boolean isServerFull() {
        return settings.counters().handlers.get() >= settings.limits().inFlightTotalMax();
    }

    private String tooManyHandlers() {
        return settings.limits().inFlightTotalMax() + " requests are being handled, which is the limit of this server";
    }

    /** What the streams tell the session. */
    private final class StreamsToSession implements Streams.Whom {
        @Override
        public void changed() {
            ending.goOn();
            inFlight.settleLater(ServerSession.this);
        }

        @Override
        public void failed(Message request, Throwable thrown) {
            var _ = ServerSession.this.failed(request, thrown);
        }
    }

    private void watchPeer() {
        if (knowsUs) {
            peerWatch.start();
        }
    }

    /** What the watch over the peer asks, and tells. */
    private final class Watched implements PeerWatch.Whom {
        @Override
        public boolean isWorking() {
            return !over && !inFlight.isEmpty();
        }

        @Override
        public boolean isReading() {
            return unread == null && !ending.hasBegun();
        }

        @Override
        public boolean isHoldingBack() {
            return !over && unread != null;
        }

        @Override
        public boolean hasEnded() {
            return peerEnded;
        }

        @Override
        public void lost() {
            over = true;
            connection.close(CloseReason.PING_TIMEOUT);
        }
    }

    private Message handleHere(Route route, Message request, long waitedNanos) {
        try {
            Message response = route.handler().handle(request, onLoop.of(request, waitedNanos));
            return Objects.requireNonNull(response, "the handler returned null");
        } catch (Throwable thrown) {
            turn.tookFailure();
            return failed(request, thrown);
        } finally {
            onLoop.done();
        }
    }

    /** Whatever a handler throws costs this one request. */
    private Message failed(@Nullable Message request, Throwable thrown) {
        if (!Errors.isAnswer(thrown)) {
            String action = request == null ? null : Router.actionOf(request);
            String handler = action == null ? "the handler of a request" : "the handler of '" + action + "'";
            settings.events()
                    .failed(
                            handler + " on connection " + connection.id() + " with " + connection.peerAddress()
                                    + " threw",
                            thrown);
        }
        return Errors.of(thrown);
    }

    private void answer(long id, Message response) {
        if (!settings.closeAfterResponse()) {
            put(response, id);
        } else if (!over) {
            over = true;
            inFlight.cancelAll();
            put(response, id);
            responses.flush();
            connection.closeLingering(CloseReason.LOCAL);
        }
    }

    /** A response without further keys leaves as it is, with the id of its request. */
    private void put(Message response, long id) {
        boolean isPlain = response.header().others().isEmpty();
        try {
            responses.put(isPlain ? response : response.going(Direction.RESPONSE, id), id);
        } catch (IllegalArgumentException headerTooLong) {
            responses.put(failed(null, headerTooLong), id);
        }
    }

    /** A handler on a virtual thread has returned, or its time is over; what is ready by then leaves together. */
    private void answerOfHandler(Message request, @Nullable Message response, @Nullable Throwable thrown) {
        if (over) {
            connection.heldBytesChanged();
            return;
        }
        if (thrown != null && !Errors.isAnswer(thrown)) {
            failed(request, thrown);
        }
        if (response != null && !request.header().isOneWay()) {
            answer(request.header().id(), response);
        }
        ending.goOn();
        inFlight.settleLater(this);
    }

    /** What handlers have answered leaves, and whatever they held back goes on. */
    void flush() {
        if (connection.closeReason() == null && !over) {
            goOn();
            settle();
        }
        connection.heldBytesChanged();
    }

    @Override
    public long heldBytes(LoopConnection ignored) {
        long bytes = inFlight.heldBytes();
        if (connection.closeReason() != null) {
            return bytes;
        }
        FrameReader.Result next = waiting;
        if (next instanceof FrameReader.Whole whole) {
            bytes += whole.frame().content().length;
        }
        ByteBuffer rest = unread;
        return bytes + reader.heldBytes() + (rest == null ? 0 : rest.remaining());
    }

    @Override
    public void writable(LoopConnection ignored) {
        goOn();
        settle();
    }

    // Endings.

    /** No new requests: what runs goes on, and the client is told to go elsewhere. */
    void drain() {
        depart(CloseReason.DRAIN);
    }

    /** A client that knows no controls would take it for an answer. */
    @Override
    public boolean idle(LoopConnection ignored) {
        if (knowsUs) {
            depart(CloseReason.IDLE);
        }
        return knowsUs;
    }

    private void depart(CloseReason reason) {
        if (over || departure.hasBegun() || ending.hasBegun()) {
            return;
        }
        departure.begin(reason);
        if (knowsUs) {
            departure.tell();
        }
        settle();
    }

    /**
     * The grace of a drain is over.
     *
     * @return how many requests and streams were cut off
     */
    int cut() {
        if (over || ending.hasBegun()) {
            return ending.hasBegun() ? ending.cut() : 0;
        }
        end(Errors.of(ErrorCode.UNAVAILABLE, "the server stops"), CloseReason.DRAIN);
        return ending.cut();
    }

    /** Whoever has not taken that by now never will. */
    void reset() {
        if (connection.closeReason() == null) {
            connection.reset();
        }
    }

    @Override
    public boolean isBusy() {
        return !inFlight.isEmpty();
    }

    private void end(Message error, CloseReason reason) {
        clock.stop();
        unread = null;
        ending.begin(error, reason);
    }

    private void tooSlow(boolean header, Duration time) {
        if (over || ending.hasBegun() || connection.closeReason() != null) {
            return;
        }
        String what = header ? "header" : "content";
        end(
                Errors.of(ErrorCode.TIMEOUT, "the " + what + " was not complete within " + Durations.text(time)),
                header ? CloseReason.HEADER_TIMEOUT : CloseReason.CONTENT_TIMEOUT);
    }

    // Strangers.

    /** The peer's credentials were accepted; any thread. */
    void acceptedLater() {
        connection.loop().tryExecute(() -> {
            known();
            flush();
        });
    }

    /** It may have from here on what everybody has. */
    private void known() {
        Stranger before = stranger;
        if (before != null) {
            before.stop();
            stranger = null;
            responses.heldBackFrom(connection.loop().limits().queuedBytesHigh());
        }
    }

    private void nothingAccepted() {
        if (!over && !ending.hasBegun() && connection.closeReason() == null) {
            String time = Durations.text(settings.limits().headerTimeout());
            String why = "no credentials were accepted within " + time + " of the connection's opening";
            end(Errors.of(ErrorCode.TIMEOUT, why), CloseReason.AUTHORIZATION_TIMEOUT);
        }
    }

    private void turnAway(ForeignProtocol protocol) {
        over = true;
        clock.stop();
        settings.events()
                .warned("connection " + connection.id() + " from " + connection.peerAddress() + " "
                        + protocol.seenByServer());
        responses.flush();
        if (protocol.isHttp()) {
            connection.send(HttpPage.BAD_REQUEST);
            connection.closeLingering(CloseReason.PROTOCOL);
        } else {
            connection.close(CloseReason.PROTOCOL);
        }
    }

    @Override
    public void ended(LoopConnection ignored) {
        peerEnded = true;
        if (reader.isInsideFrame() && !ending.hasBegun() && !over) {
            settings.counters().truncated.increment();
            over = true;
            connection.close(CloseReason.PROTOCOL); // cut off inside a message: nobody waits for an answer
        }
        Streams streams = inFlight.streamsOrNull();
        if (streams != null) {
            streams.peerEnded();
        }
        settle();
    }

    @Override
    public void closed(LoopConnection ignored, CloseReason reason) {
        over = true;
        clock.end();
        ending.stop();
        inFlight.cancelAll();
        responses.discard();
        reader.drop();
        peerWatch.stop();
        departure.stop();
        if (settings.strangers() != null) {
            settings.strangers().remove(connection);
            known();
        }
        sessions.remove(this);
    }
}
