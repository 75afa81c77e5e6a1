package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ContentPool;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.ForeignProtocol;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.Durations;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server: messages are read, routed, handled and answered. Requests without an id are handled one
 * after another; those with one at once, and answered as they are done. Where no further request may start, reading
 * stops, so the peer is held back by its own socket and nothing here grows. Runs on the loop's thread.
 */
public final class ServerSession implements Receiver {
    private final ServerSettings settings;
    private final Sessions sessions;
    private final FairShare fairShare;
    private final LoopConnection connection;
    private final FrameReader reader;
    private final @Nullable MessageLog messageLog;
    private final MessageOutput output;
    private final MessageTimeout messageTimeout;
    private final Responses responses;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher dispatcher;
    private final ErrorClose errorClose;
    private final ControlHandler controlHandler;
    private final ClientLiveness clientLiveness;
    private final GoingAway goingAway;

    /** The request of the frame that was lent last, which is nearly always that of the next one. */
    private @Nullable Message lastRequest;

    /** What was read after the moment from which nothing further could start; null while reading goes on. */
    private @Nullable ByteBuffer unread;

    private boolean nextTurnDue;
    private boolean peerEnded;
    private boolean over;

    /** Whether the peer has shown a key of ours, and so may be sent a control. */
    private boolean knowsUs;

    private long messages;

    /** Null where no credentials are asked for, or some were accepted. */
    private @Nullable AuthenticationDeadline authenticationDeadline;

    /** Where {@link Sessions} keeps it; its own. */
    int place = -1;

    /** A session for one connection. */
    public ServerSession(ServerSettings settings, Sessions sessions, LoopConnection connection) {
        this.settings = settings;
        this.sessions = sessions;
        this.fairShare = sessions.fairShare();
        this.connection = connection;
        this.reader =
                FrameReader.leavingPacked(settings.limits().frame(), Direction.REQUEST, ContentPool.ofThisThread());
        this.messageLog = MessageLog.ofServer(connection, settings.observer());
        this.output = new MessageOutput(connection, messageLog);
        this.messageTimeout = new MessageTimeout(connection.loop(), settings.limits(), reader, this::tooSlow);
        this.responses = new Responses(connection, settings, output, messageLog);
        this.inFlight = new RequestsInFlight(connection, settings, new FromHandlers());
        this.dispatcher =
                new RequestDispatcher(connection, settings, sessions, inFlight, output, messageLog, new FromRequests());
        this.errorClose = new ErrorClose(connection, settings.limits().drainGrace(), inFlight, dispatcher, output);
        this.clientLiveness = new ClientLiveness(connection, settings.limits(), output, new Watched());
        this.goingAway = new GoingAway(connection, output, this::flush);
        this.controlHandler =
                new ControlHandler(connection.loop(), settings, inFlight, dispatcher, output, clientLiveness::isAnswer);
        this.authenticationDeadline =
                settings.unauthenticated() == null ? null : authenticationDeadline(settings.unauthenticated());
        sessions.add(this);
    }

    private AuthenticationDeadline authenticationDeadline(UnauthenticatedConnections all) {
        all.add(connection, this);
        output.heldBackFrom(AuthenticationDeadline.QUEUED_BYTES_HIGH);
        return new AuthenticationDeadline(connection.loop(), settings.limits().headerTimeout(), this::nothingAccepted);
    }

    // Reading.

    @Override
    public void bytes(LoopConnection ignored, ByteBuffer bytes) {
        clientLiveness.heard();
        if (over || errorClose.hasBegun()) {
            return;
        }
        if (unread != null) {
            unread = joined(unread, bytes);
            return;
        }
        fairShare.begin(output);
        take(bytes);
        if (bytes.hasRemaining() && !over && !errorClose.hasBegun()) {
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
                && !errorClose.hasBegun()
                && dispatcher.mayRead()
                && !fairShare.isOver(output)
                && !output.isHeldBack()
                && (authenticationDeadline == null || !inFlight.hasWork() && dispatcher.areNoneHeld());
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
        fairShare.begin(output);
        inFlight.queued(connection.queuedBytes());
        if (!over && !output.isHeldBack()) {
            dispatcher.goOn();
        }
        ByteBuffer rest = unread;
        if (rest != null && mayStart()) {
            take(rest);
            if (!rest.hasRemaining() && !over && !errorClose.hasBegun()) {
                unread = null;
                connection.resumeReading();
            }
        }
    }

    /** After every event: what is ready leaves, and the clock runs for a message that has begun. */
    private void settle() {
        if (over) {
            output.flush();
            messageTimeout.stop();
            return;
        }
        Streams streams = inFlight.streamsOrNull();
        if (streams != null) {
            streams.send();
            errorClose.goOn(); // the last of them may have ended by that
        }
        output.flush();
        inFlight.queued(connection.queuedBytes());
        boolean goesOn = unread != null || !dispatcher.areNoneHeld();
        if (goesOn && fairShare.isOver(output) && !nextTurnDue) {
            nextTurnDue = true;
            sessions.fairQueue().await(this);
        }
        if (unread != null && knowsUs) {
            clientLiveness.holdsBack();
        }
        if (errorClose.hasBegun() || unread != null) {
            messageTimeout.stop();
            return;
        }
        messageTimeout.watch();
        if (inFlight.isEmpty() && dispatcher.areNoneHeld()) {
            closeIfDone();
        }
    }

    /** Nothing is under way. */
    private void closeIfDone() {
        if (peerEnded) {
            over = true;
            goingAway.close();
            return;
        }
        CloseReason reason = reader.isInsideFrame() ? null : goingAway.reasonIfDue();
        if (reason != null) {
            over = true;
            connection.closeLingering(reason);
        }
    }

    private void take(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                messageTimeout.stop();
                begin(requestOf(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                messageTimeout.stop();
                refuse(refused);
            }
            case FrameReader.Broken broken -> end(ErrorResponses.of(broken.error()), CloseReason.PROTOCOL);
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
        Message request = Message.of(frame, settings.limits().json());
        lastRequest = frame.isLent() ? request : null; // any other is an idle connection's to forget
        return request;
    }

    private void begin(Message request) {
        Header header = request.header();
        if (header.isOfFullPeer()) {
            nowKnowsUs();
        }
        if (header.isControl()) {
            fairShare.tookOther();
            String tooMany = controlHandler.take(header, messages);
            if (tooMany != null) {
                endForTooMany(tooMany);
            }
            return;
        }
        messages++;
        Streams streams = inFlight.streamsOrNull();
        if (header.id() == Header.NO_ID || !isInUse(header.id())) {
            dispatcher.take(request);
        } else if (streams != null && streams.has(header.id())) {
            piece(streams.take(request));
        } else {
            endForDuplicateId();
        }
    }

    private boolean isInUse(long id) {
        return inFlight.has(id) || dispatcher.has(id);
    }

    /** From here on the peer may be sent controls, and is told of a departure that has begun. */
    private void nowKnowsUs() {
        if (!knowsUs) {
            knowsUs = true;
            if (goingAway.hasBegun()) {
                goingAway.tell();
            }
        }
    }

    private void piece(Streams.Piece became) {
        switch (became) {
            case TAKEN -> {}
            case NOT_EXPECTED -> endForDuplicateId();
            case WITHOUT_CREDIT ->
                end(
                        ErrorResponses.of(ErrorCode.BAD_FRAME, "a message of a stream came without credit for it"),
                        CloseReason.PROTOCOL);
        }
    }

    private void endForTooMany(String what) {
        end(
                ErrorResponses.of(ErrorCode.TOO_MANY_ERRORS, "too many " + what + " in a short time"),
                CloseReason.PROTOCOL);
    }

    private void endForDuplicateId() {
        end(
                ErrorResponses.of(ErrorCode.DUPLICATE_ID, "id is that of a request that is still being handled"),
                CloseReason.PROTOCOL);
    }

    private void refuse(FrameReader.Refused refused) {
        messages++;
        fairShare.tookOther();
        if (refused.id() != Header.NO_ID) {
            nowKnowsUs();
        }
        Streams streams = inFlight.streamsOrNull();
        if (controlHandler.isOneErrorTooMany()) {
            endForTooMany("errors");
        } else if (refused.id() == Header.NO_ID || !isInUse(refused.id())) {
            dispatcher.take(refused);
        } else if (streams != null && streams.has(refused.id())) {
            streams.refuse(refused.id(), refused.more(), ErrorResponses.of(refused.error()));
        } else {
            endForDuplicateId();
        }
    }

    private Streams streams() {
        return inFlight.streams(() -> new Streams(connection, settings, output, new StreamsToSession()));
    }

    /** What the streams tell the session. */
    private final class StreamsToSession implements Streams.Owner {
        @Override
        public void changed() {
            errorClose.goOn();
            inFlight.settleLater(ServerSession.this);
        }

        @Override
        public void failed(Message request, Throwable thrown) {
            var _ = responses.failed(request, thrown);
        }
    }

    /** What the watch over the peer asks, and tells. */
    private final class Watched implements ClientLiveness.Session {
        @Override
        public boolean isWorking() {
            return !over && isBusy();
        }

        @Override
        public boolean isReading() {
            return unread == null && !errorClose.hasBegun();
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

    /** What its requests tell the session, and ask. */
    private final class FromRequests implements RequestDispatcher.Session {
        @Override
        public void answer(Message request, Message response) {
            ServerSession.this.answer(request, request.header().id(), response);
        }

        @Override
        public void refuse(long id, Message error) {
            ServerSession.this.answer(null, id, error);
        }

        @Override
        public Message failed(Message request, Throwable thrown) {
            return responses.failed(request, thrown);
        }

        @Override
        public void end(Message error, CloseReason reason) {
            ServerSession.this.end(error, reason);
        }

        @Override
        public boolean isDraining() {
            return goingAway.hasBegun();
        }

        @Override
        public void began() {
            if (knowsUs) {
                clientLiveness.start();
            }
        }

        @Override
        public Streams streams() {
            return ServerSession.this.streams();
        }

        @Override
        public void erred() {
            if (controlHandler.isOneErrorTooMany()) {
                endForTooMany("errors");
            }
        }

        @Override
        public void changed() {
            flush();
        }
    }

    /** What handlers on virtual threads have done; what is ready by then leaves together. */
    private final class FromHandlers implements RequestsInFlight.Answered {
        @Override
        public void answer(Message request, @Nullable Message response, @Nullable Throwable thrown) {
            if (over) {
                connection.heldBytesChanged();
                return;
            }
            if (thrown != null) {
                var _ = responses.failed(request, thrown);
            }
            if (response != null && !request.header().isOneWay()) {
                ServerSession.this.answer(request, request.header().id(), response);
            }
            changed();
        }

        @Override
        public void postponed(HandlerTask task) {
            if (!over) {
                dispatcher.postponed(task);
                changed();
            }
        }

        @Override
        public void changed() {
            errorClose.goOn();
            inFlight.settleLater(ServerSession.this);
        }

        @Override
        public void failed(Message request, Throwable thrown) {
            ServerSession.this.failed(thrown);
        }
    }

    /** What was to leave could not, and a part of it may have left: nothing can follow. */
    void failed(Throwable thrown) {
        String where = "the answers on connection " + connection.id() + " with " + connection.peerAddress();
        settings.failures().failed(connection.loop(), where, thrown);
        reset();
    }

    private void answer(@Nullable Message request, long id, Message response) {
        if (!settings.closeAfterResponse()) {
            responses.put(request, response, id);
        } else if (!over) {
            over = true;
            inFlight.cancelAll();
            dispatcher.close();
            responses.put(request, response, id);
            output.flush();
            connection.closeLingering(CloseReason.LOCAL);
        }
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
        ByteBuffer rest = unread;
        return bytes + dispatcher.heldBytes() + reader.heldBytes() + (rest == null ? 0 : rest.remaining());
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
        if (over || goingAway.hasBegun() || errorClose.hasBegun()) {
            return;
        }
        goingAway.begin(reason);
        if (knowsUs) {
            goingAway.tell();
        }
        settle();
    }

    /**
     * The grace of a drain is over.
     *
     * @return how many requests and streams were cut off
     */
    int cut() {
        if (over || errorClose.hasBegun()) {
            return errorClose.hasBegun() ? errorClose.cut() : 0;
        }
        end(ErrorResponses.of(ErrorCode.UNAVAILABLE, "the server stops"), CloseReason.DRAIN);
        return errorClose.cut() + errorClose.unfinished();
    }

    /** Whoever has not taken that by now never will. */
    void reset() {
        if (connection.closeReason() == null) {
            connection.reset();
        }
    }

    @Override
    public boolean isBusy() {
        return !inFlight.isEmpty() || !dispatcher.areNoneHeld();
    }

    private void end(Message error, CloseReason reason) {
        messageTimeout.stop();
        unread = null;
        errorClose.begin(error, reason);
    }

    private void tooSlow(String words, CloseReason reason) {
        if (!over && !errorClose.hasBegun() && connection.closeReason() == null) {
            end(ErrorResponses.of(ErrorCode.TIMEOUT, words), reason);
        }
    }

    // Authentication.

    /** The peer's credentials were accepted; any thread. */
    void acceptedLater() {
        connection.loop().tryExecute(() -> {
            known();
            flush();
        });
    }

    /** It may have from here on what everybody has. */
    private void known() {
        AuthenticationDeadline before = authenticationDeadline;
        if (before != null) {
            before.stop();
            authenticationDeadline = null;
            output.heldBackFrom(connection.loop().limits().queuedBytesHigh());
        }
    }

    private void nothingAccepted() {
        if (!over && !errorClose.hasBegun() && connection.closeReason() == null) {
            String time = Durations.text(settings.limits().headerTimeout());
            String why = "no credentials were accepted within " + time + " of the connection's opening";
            end(ErrorResponses.of(ErrorCode.TIMEOUT, why), CloseReason.AUTHORIZATION_TIMEOUT);
        }
    }

    private void turnAway(ForeignProtocol protocol) {
        String who = "connection " + connection.id() + " from " + connection.peerAddress() + " ";
        if (messages > 0) {
            String what = "behind message " + messages + " " + ForeignProtocol.behindMessages();
            settings.observer().warned(who + "was closed: " + what);
            end(ErrorResponses.of(ErrorCode.BAD_FRAME, what), CloseReason.PROTOCOL);
            return;
        }
        over = true;
        messageTimeout.stop();
        settings.observer().warned(who + protocol.seenByServer());
        output.flush();
        HttpPage.turnAway(connection, protocol);
    }

    @Override
    public void ended(LoopConnection ignored) {
        peerEnded = true;
        if (reader.isInsideFrame() && !errorClose.hasBegun() && !over) {
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
        if (messageLog != null) {
            messageLog.closed(reason);
        }
        messageTimeout.end();
        errorClose.stop();
        inFlight.cancelAll();
        dispatcher.close();
        output.discard();
        reader.drop();
        clientLiveness.stop();
        goingAway.stop();
        if (settings.unauthenticated() != null) {
            settings.unauthenticated().remove(connection);
            known();
        }
        sessions.remove(this);
    }
}
