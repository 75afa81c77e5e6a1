package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.link.ForeignProtocol;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one connection: it reads, routes, handles and answers messages. Plain requests are handled one
 * after another. Requests with an id begin at once, and are answered in the order in which they finish. If no further
 * request may start, reading stops: then the peer's socket fills up and holds the peer back, and no memory grows here.
 * Runs on the loop's thread.
 */
public final class ServerSession
        implements Receiver,
                FairQueue.Member,
                UnauthenticatedConnections.Session,
                Sessions.Session,
                SessionInput.Callbacks,
                RequestDispatcher.Callbacks,
                RequestsInFlight.Answered,
                ClientLiveness.Callbacks {
    private final ServerSettings settings;
    private final Sessions sessions;
    private final FairShare fairShare;
    private final LoopConnection connection;
    private final SessionInput input;
    private final @Nullable MessageLog messageLog;
    private final MessageOutput output;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher requests;
    private final ErrorClose errorClose;
    private final ClientLiveness clientLiveness;
    private final GoingAway goingAway;
    private final AuthenticationLimits authentication;

    private final ConnectionCredentials credentials = new ConnectionCredentials();
    private SessionState state = SessionState.OPEN;
    private boolean nextTurnDue;
    private boolean peerEnded;

    /** Makes the session of one connection. */
    public ServerSession(ServerSettings settings, Sessions sessions, LoopConnection connection) {
        this.settings = settings;
        this.sessions = sessions;
        this.fairShare = sessions.fairShare();
        this.connection = connection;
        this.messageLog = MessageLog.ofServer(connection, settings.observer());
        this.output = new MessageOutput(connection, messageLog);
        this.inFlight = new RequestsInFlight(connection, settings, sessions.executor(), output, this);
        this.requests = new RequestDispatcher(connection, settings, sessions, inFlight, output, messageLog, this);
        this.errorClose = new ErrorClose(connection, settings.limits(), inFlight, requests, output, this);
        this.clientLiveness = new ClientLiveness(connection, settings.limits(), output, this);
        this.goingAway = new GoingAway(connection, output, () -> guarded(this::flush));
        var controls =
                new ControlHandler(connection.loop(), settings, inFlight, requests, output, clientLiveness::isAnswer);
        this.input = new SessionInput(
                connection,
                settings.limits(),
                sessions.lentRequest(),
                inFlight,
                requests,
                controls,
                fairShare,
                this::tooSlow,
                this);
        this.authentication = new AuthenticationLimits(
                connection, settings, output, this, why -> tooSlow(why, CloseReason.AUTHORIZATION_TIMEOUT));
        goingAway.whenOld(settings.limits().connectionAgeMax(), () -> guarded(() -> depart(CloseReason.LOCAL)));
        sessions.add(this);
        settings.hooks().connected(connection);
    }

    // Reading.

    @Override
    public void bytes(LoopConnection ignored, ByteBuffer bytes) {
        clientLiveness.heard();
        if (!state.mayRead()) {
            return;
        }
        if (input.isPaused()) {
            input.keep(bytes);
            return;
        }
        fairShare.begin(output);
        input.received(bytes);
        settle();
    }

    @Override
    public boolean mayRead() {
        return state.mayRead();
    }

    @Override
    public boolean mayTake() {
        return state.mayRead()
                && requests.mayRead()
                && !fairShare.isOver(output)
                && !output.isHeldBack()
                && (!authentication.areInForce() || !inFlight.hasWork() && requests.areNoneHeld());
    }

    @Override
    public void nextTurn() {
        nextTurnDue = false;
        flush();
    }

    /**
     * Goes on with the requests that were held back. Called when a handler has returned, or the peer has taken queued
     * bytes.
     */
    private void goOn() {
        if (nextTurnDue) {
            return; // this connection goes on in its turn; a handler that returns earlier gives it no extra turn
        }
        fairShare.begin(output);
        inFlight.queued(connection.queuedBytes());
        if (state != SessionState.CLOSED && !output.isHeldBack()) {
            requests.goOn();
        }
        input.goOn();
    }

    /**
     * Sends the messages that are ready, and starts the timeout of a message that has begun. Called after every event.
     */
    private void settle() {
        if (state == SessionState.CLOSED) {
            output.flush();
            input.stopWatching();
            return;
        }
        Streams streams = inFlight.streamsOrNull();
        if (streams != null) {
            streams.send();
            if (settings.closeAfterResponse() && streams.haveEnded() && !errorClose.hasBegun()) {
                endAfter(() -> {}); // the last message of the stream is the response
            }
        }
        errorClose.goOn(); // the last request or stream may just have ended
        output.flush();
        inFlight.queued(connection.queuedBytes());
        boolean goesOn = input.isPaused() || !requests.areNoneHeld();
        if (goesOn && fairShare.isOver(output) && !nextTurnDue) {
            nextTurnDue = true;
            sessions.fairQueue().await(this);
        }
        if (input.isPaused() && goingAway.peerIsFull()) {
            clientLiveness.holdsBack();
        }
        if (!state.mayRead() || input.isPaused()) {
            input.stopWatching();
            return;
        }
        input.watch();
        if (inFlight.isEmpty() && requests.areNoneHeld()) {
            closeIfDone();
        }
    }

    /**
     * Closes the connection if the client has ended its direction, or if the server wants the connection to end. Called
     * when nothing is under way.
     */
    private void closeIfDone() {
        if (peerEnded) {
            state = SessionState.CLOSED;
            goingAway.close();
            return;
        }
        CloseReason reason = input.isInsideMessage() ? null : goingAway.reasonIfDue();
        if (reason != null) {
            state = SessionState.CLOSED;
            connection.close(reason);
        }
    }

    @Override
    public void peerShowedKey() {
        goingAway.peerShowedKey();
    }

    // Requests and their responses.

    @Override
    public boolean isDraining() {
        return goingAway.hasBegun();
    }

    @Override
    public void began() {
        if (goingAway.peerIsFull()) {
            clientLiveness.start();
        }
    }

    @Override
    public void erred() {
        input.erred();
    }

    @Override
    public void endAfter(Runnable response) {
        if (state != SessionState.CLOSED) {
            state = SessionState.CLOSED;
            inFlight.cancelAll();
            requests.close();
            response.run();
            output.flush();
            connection.close(CloseReason.LOCAL);
        }
    }

    @Override
    public Message failed(Message request, Route route, Throwable thrown) {
        return requests.failed(request, route, thrown);
    }

    @Override
    public void returned(HandlerTask task, @Nullable Message response, @Nullable Throwable thrown) {
        if (state == SessionState.CLOSED) {
            connection.heldBytesChanged();
            RequestReport.lost(task.report());
            return;
        }
        if (thrown != null) {
            var _ = failed(task.request(), task.route(), thrown);
        }
        if (response != null && task.isOneWay()) {
            RequestReport.end(task.report(), response);
        } else if (response != null) {
            requests.respond(task.request(), task.route(), task.id(), response, task.report());
        }
        changed();
    }

    @Override
    public void postponed(HandlerTask task) {
        if (state != SessionState.CLOSED) {
            requests.postponed(task);
            changed();
        }
    }

    @Override
    public void changed() {
        errorClose.goOn();
        inFlight.settleLater(this);
    }

    /**
     * Logs the exception, and resets the connection: a part of the output may have been sent, so nothing else can be
     * sent after it.
     */
    @Override
    public void failed(Throwable thrown) {
        String where = "a task of connection " + connection.id() + " with " + connection.peerText();
        settings.failures().failed(connection.loop(), where, thrown);
        reset();
    }

    /** Sends the responses of handlers, and goes on with the requests that were held back. */
    @Override
    public void flush() {
        if (connection.closeReason() == null && state != SessionState.CLOSED) {
            goOn();
            settle();
        }
        connection.heldBytesChanged();
    }

    @Override
    public long heldBytes(LoopConnection ignored) {
        long bytes = inFlight.heldBytes();
        return connection.closeReason() != null ? bytes : bytes + requests.heldBytes() + input.heldBytes();
    }

    /** The connection inside a node of a cluster brings the requests of many clients; the node refuses them itself. */
    @Override
    public boolean isExemptFromMemoryCap() {
        return !settings.limitsAbuse();
    }

    @Override
    public void writable(LoopConnection ignored) {
        goOn();
        settle();
    }

    // Endings.

    /** Takes no new requests, and asks the client to use another connection. Requests that run go on. */
    @Override
    public void drain() {
        depart(CloseReason.DRAIN);
    }

    /**
     * Asks an idle client to go away, if it knows our controls. Any other client would mistake the control for a
     * response.
     */
    @Override
    public boolean idle(LoopConnection ignored) {
        if (goingAway.peerIsFull()) {
            depart(CloseReason.IDLE);
        }
        return goingAway.peerIsFull();
    }

    private void depart(CloseReason reason) {
        if (state != SessionState.OPEN) {
            return;
        }
        state = SessionState.GOING_AWAY;
        goingAway.begin(reason);
        settle();
    }

    /**
     * Cuts off the requests that still run. Called when the grace period of a drain is over.
     *
     * @return the number of requests and streams that were cut off
     */
    @Override
    public int cut() {
        if (!state.mayRead()) {
            return errorClose.hasBegun() ? errorClose.cut() : 0;
        }
        end(ErrorResponses.of(ErrorCode.UNAVAILABLE, "the server stops"), CloseReason.DRAIN);
        return errorClose.cut() + errorClose.unfinished();
    }

    /**
     * Resets the connection if it is still open. Called some time after {@link #cut}. If the peer has not taken the
     * last bytes by then, it probably never will.
     */
    @Override
    public void reset() {
        if (connection.closeReason() == null) {
            connection.reset();
        }
    }

    @Override
    public boolean isBusy() {
        return !inFlight.isEmpty() || !requests.areNoneHeld();
    }

    @Override
    public void end(Message error, CloseReason reason) {
        input.stop();
        if (state.mayRead()) {
            state = SessionState.CLOSING;
        }
        errorClose.begin(error, reason);
    }

    private void tooSlow(String words, CloseReason reason) {
        if (state.mayRead() && connection.closeReason() == null) {
            guarded(() -> end(ErrorResponses.of(ErrorCode.TIMEOUT, words), reason));
        }
    }

    // What ClientLiveness asks.

    @Override
    public boolean isWorking() {
        return state != SessionState.CLOSED && isBusy();
    }

    @Override
    public boolean isReading() {
        return !input.isPaused() && state != SessionState.CLOSING;
    }

    @Override
    public boolean isHoldingBack() {
        return state != SessionState.CLOSED && input.isPaused();
    }

    @Override
    public boolean hasEnded() {
        return peerEnded;
    }

    @Override
    public void lost() {
        state = SessionState.CLOSED;
        connection.closeWithoutLingering(CloseReason.PING_TIMEOUT);
    }

    // Authentication.

    @Override
    public ConnectionCredentials credentials() {
        return credentials;
    }

    @Override
    public void revoke(Predicate<? super Principal> principals) {
        if (state != SessionState.CLOSED) {
            credentials.revoke(principals); // first: a request that is accepted meanwhile is judged again
            // An exchange has a principal only after its handler may have begun.
            if (!inFlight.revoke(principals, ErrorResponses.revoked(ErrorCode.CANCELLED))) {
                end(ErrorResponses.revoked(ErrorCode.UNAUTHORIZED), CloseReason.LOCAL);
                var _ = errorClose.cut(ErrorResponses.revoked(ErrorCode.CANCELLED));
            }
            changed();
        }
    }

    /** Called on any thread when the peer's credentials were accepted. */
    @Override
    public void acceptedLater() {
        connection.loop().tryExecute(() -> {
            authentication.lift();
            guarded(this::flush);
        });
    }

    @Override
    public void foreign(ForeignProtocol protocol, FrameReader.Foreign begun, ByteBuffer rest) {
        String who = "connection " + connection.id() + " from " + connection.peerText() + " ";
        if (input.messages() > 0) {
            String what = "after message " + input.messages() + " " + ForeignProtocol.behindMessages();
            settings.observer().warned(who + "was closed: " + what);
            end(ErrorResponses.of(ErrorCode.BAD_FRAME, what), CloseReason.PROTOCOL);
            return;
        }
        state = SessionState.CLOSED;
        input.stopWatching();
        output.flush();
        Runnable turnAway = () -> {
            settings.observer().warned(who + protocol.seenByServer());
            ForeignClient.turnAway(connection, protocol);
        };
        if (protocol.isHttp() && settings.answersHttpHealth()) {
            HttpHealthCheck.begin(connection, this, settings, begun, rest, turnAway);
        } else {
            turnAway.run();
        }
    }

    @Override
    public void ended(LoopConnection ignored) {
        peerEnded = true;
        if (input.isInsideMessage() && state.mayRead()) {
            settings.counters().truncated.increment();
            state = SessionState.CLOSED;
            // The message was cut off, so no one waits for a response.
            connection.closeWithoutLingering(CloseReason.PROTOCOL);
        }
        inFlight.peerEnded();
        settle();
    }

    @Override
    public void closed(LoopConnection ignored, CloseReason reason) {
        state = SessionState.CLOSED;
        if (messageLog != null) {
            messageLog.closed(reason);
        }
        try {
            stop();
        } finally { // even if there is no memory for the steps
            sessions.remove(this);
            settings.hooks().disconnected(connection);
        }
    }

    private void stop() {
        List.<Runnable>of(
                        errorClose::stop,
                        inFlight::cancelAll,
                        requests::close,
                        output::discard,
                        input::close,
                        clientLiveness::stop,
                        goingAway::stop,
                        authentication::close)
                .forEach(this::guarded); // each of them, whatever another one throws
    }
}
