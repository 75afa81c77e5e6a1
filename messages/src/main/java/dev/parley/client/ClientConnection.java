package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.Heartbeat;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.link.MessageTls;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamScheduler;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.Tls;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one server, on which many calls and streams may be under way. It finds the exchange of each
 * response by its id. When the connection is lost, this object is not used any more. When the server is going away, it
 * takes no new exchanges. Runs on the loop's thread.
 */
final class ClientConnection
        implements Receiver, ClientExchange.Connection, ResponseDispatcher.Connection, ServerLiveness.Connection {
    private final EventLoop loop;
    private final Address address;
    private final MessageLimits limits;
    private final @Nullable Tls tls;
    private final LateResponses late;
    private final Callbacks owner;
    private final ResponseDispatcher responses;
    private final PendingCalls pending = new PendingCalls();
    private final RequestKeys keys = new RequestKeys();
    private final Heartbeat heartbeat;
    private final PeerDiscovery question;
    private final OneWayCalls oneWay;
    private Peer peer = Peer.UNKNOWN;
    private long lastId;
    private @Nullable LoopConnection connection;
    private @Nullable MessageOutput output;
    private @Nullable ClientStreams streams;
    private @Nullable MessageLog messageLog;
    private boolean flushIsDue;
    private boolean over;

    /** True if our direction has ended, so that nothing may be sent any more. */
    private boolean outputEnded;

    private int cut;
    private long openedNanos;

    /** The owner, which has created this object. Its methods are called on the loop's thread. */
    interface Callbacks {
        /** Called when the connection could not be established. */
        void connectFailed(ClientConnection connection, ConnectFailedException failure);

        /** Called when the peer has answered, and is a full peer. */
        void known(ClientConnection connection);

        /** Called when there may be room for further exchanges. */
        void changed(ClientConnection connection);

        /** Called when the connection takes no new exchanges. The exchanges under way go on. */
        void goingAway(ClientConnection connection);

        /** Called when the connection is gone. All exchanges that were under way have ended with this failure. */
        void ended(ClientConnection connection, CloseReason reason, Throwable failure);
    }

    ClientConnection(
            EventLoop loop, Address address, ClientSettings settings, LongAdder lateResponses, Callbacks owner) {
        this.loop = loop;
        this.address = address;
        this.limits = settings.limits();
        this.tls = settings.tls();
        this.late = new LateResponses(lateResponses);
        this.owner = owner;
        this.responses = new ResponseDispatcher(loop, address, limits.frame(), pending, late, this);
        this.heartbeat = new Heartbeat(loop, limits.pingInterval(), limits.pingTimeout(), new ServerLiveness(this));
        this.question = new PeerDiscovery(loop, limits);
        this.oneWay = new OneWayCalls(loop);
    }

    void start() {
        connection = loop.connect(address, MessageTls.settings(address, loop, tls), this);
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public Peer peer() {
        return peer;
    }

    /** Returns true if the peer is a full peer, and takes new requests. */
    boolean isReady() {
        return peer == Peer.FULL && !over && !responses.isGoingAway();
    }

    /** Returns true if the connection is open, or was open. */
    boolean wasOpened() {
        return output != null;
    }

    long openedNanos() {
        return openedNanos;
    }

    /** Returns true if the server has answered a request of the user, and not with an error. */
    boolean hasAnswered() {
        return responses.hasAnswered();
    }

    /** Returns the number of exchanges that were under way on this connection when it was lost. */
    int cut() {
        return cut;
    }

    /** Returns the number of calls that wait for their responses on this connection. */
    int pendingCalls() {
        return pending.size();
    }

    /** Returns the number of calls and streams that are under way on this connection. */
    int underWay() {
        return pending.size() + (streams == null ? 0 : streams.size());
    }

    private boolean isIdle() {
        return underWay() == 0;
    }

    // Requests.

    /** Returns true if this exchange may be sent now. */
    boolean maySend(ClientExchange exchange) {
        boolean hasRoom = exchange instanceof StreamCall || pending.size() < limits.inFlightMax();
        return isReady() && hasRoom && !out().isHeldBack();
    }

    private MessageOutput out() {
        MessageOutput now = output;
        if (now == null) {
            throw new IllegalStateException("not open");
        }
        return now;
    }

    /** Sends a call. */
    void send(Call call) {
        long id = put(call, false);
        if (id == Header.NO_ID) {
            return;
        }
        call.markSent();
        if (call.isOneWay()) {
            oneWay.sent(call);
        } else {
            pending.put(call);
        }
    }

    /** Sends the first message of a stream. */
    void open(StreamCall stream) {
        long id = put(stream, stream.sendsMore());
        if (id != Header.NO_ID) {
            streams().add(id, stream);
        }
    }

    /**
     * Sends the first message of an exchange. Returns its id. If the message's header is too long, or has too many
     * keys, only this exchange fails, and this method returns {@link Header#NO_ID}.
     */
    private long put(ClientExchange exchange, boolean sendsMore) {
        long id = lastId + 1;
        try {
            Message first = keys.addTo(exchange.request(), exchange.action(), exchange.millisLeft(loop));
            out().put(sendsMore ? first.withProtocolKey(Header.MORE, true) : first, id);
        } catch (IllegalArgumentException headerTooLarge) {
            exchange.endSoon(loop, () -> exchange.fail(headerTooLarge));
            return Header.NO_ID;
        }
        lastId = id;
        exchange.sent(this, id);
        flushLater();
        return id;
    }

    /**
     * Flushes at the end of the turn, so that all messages of the callbacks and tasks of one turn are sent together.
     */
    private void flushLater() {
        if (!flushIsDue) {
            flushIsDue = true;
            loop.defer(this::flush);
        }
    }

    private void flush() {
        flushIsDue = false;
        if (!over && output != null) {
            if (streams != null) {
                streams.send();
            }
            output.flush();
        }
    }

    @Override
    public void control(Message control) {
        if (peer == Peer.FULL) {
            put(control, control.header().id());
        }
    }

    private void logEnd(long id, String how) {
        if (messageLog != null) {
            messageLog.ended(id, how);
        }
    }

    /** Forgets a call that ended without a response. */
    @Override
    public void drop(Call call, boolean notifyServer) {
        if (pending.remove(call.id()) != null) {
            logEnd(call.id(), "given up");
            late.callGivenUp();
            if (notifyServer) {
                control(ControlFrames.of(ControlFrames.CANCEL, call.id()));
            }
        }
        settled();
    }

    // Streams.

    private ClientStreams streams() {
        ClientStreams now = streams;
        if (now == null) {
            now = new ClientStreams(new StreamScheduler(out(), out -> {}));
            streams = now;
        }
        return now;
    }

    @Override
    public void ready(StreamCall stream) {
        if (!over) {
            streams().ready(stream);
            flushLater();
        }
    }

    @Override
    public void grant(long id, int bytes) {
        control(ControlFrames.credit(id, bytes));
    }

    /** Forgets a stream that ended on our side before the server ended it. */
    @Override
    public void drop(StreamCall stream, boolean notifyServer) {
        if (streams != null && streams.remove(stream.id()) != null) {
            late.streamGivenUp();
            logEnd(stream.id(), "given up");
            if (notifyServer) {
                control(ControlFrames.of(ControlFrames.CANCEL, stream.id()));
            } else if (!stream.hasSentEnd()) {
                put(StreamMessages.mark(), stream.id());
            }
            settled();
        }
    }

    private void put(Message message, long id) {
        if (!over && !outputEnded) {
            out().put(message, id);
            flushLater();
        }
    }

    // Responses.

    @Override
    public void opened(LoopConnection opened) {
        messageLog = MessageLog.ofClient(opened);
        responses.logTo(messageLog);
        output = new MessageOutput(opened, messageLog);
        openedNanos = loop.freshNanos();
        lastId = PeerDiscovery.ID;
        output.put(question.ask(() -> lose(question.silence(), CloseReason.PING_TIMEOUT)));
        flushLater();
    }

    @Override
    public void bytes(LoopConnection from, ByteBuffer bytes) {
        heartbeat.heard();
        responses.received(bytes);
        settled();
    }

    @Override
    public long lastId() {
        return lastId;
    }

    @Override
    public @Nullable ClientStreams streamsOrNull() {
        return streams;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    /** Forgets a stream that the server has ended. Also ends our direction of it, if that has not ended yet. */
    @Override
    public void serverEnded(StreamCall stream) {
        if (streams != null) {
            streams.remove(stream.id());
        }
        if (!stream.hasSentEnd()) {
            put(StreamMessages.mark(), stream.id()); // not a cancel, since a server limits cancels
        }
    }

    @Override
    public void giveUp(StreamCall stream) {
        drop(stream, true);
    }

    @Override
    public void known() {
        if (peer == Peer.UNKNOWN) {
            peer = Peer.FULL;
            question.stop();
            heartbeat.start();
            owner.known(this);
        }
    }

    @Override
    public void goesAway() {
        owner.goingAway(this);
    }

    @Override
    public void answeredPlainly() {
        question.answeredPlainly(this::isPlain);
        if (connection != null) {
            connection.shutdownOutput();
        }
    }

    private void isPlain() {
        peer = Peer.PLAIN;
        close(CloseReason.LOCAL);
    }

    /**
     * Called when an exchange may have ended. Notifies the owner that there may be room for another one. If the server
     * is going away, and nothing is under way any more, ends our direction of the connection.
     */
    private void settled() {
        if (over) {
            return;
        }
        if (responses.isGoingAway() && isIdle() && connection != null && !outputEnded) {
            flush();
            outputEnded = true;
            connection.shutdownOutput();
        }
        owner.changed(this);
    }

    @Override
    public boolean isBusy() {
        return !isIdle() || peer == Peer.UNKNOWN;
    }

    @Override
    public void writable(LoopConnection from) {
        flushLater();
        owner.changed(this);
    }

    // The end.

    @Override
    public void ended(LoopConnection from) {
        if (responses.hasAnsweredPlainly()) {
            isPlain();
        } else if (responses.isGoingAway() && isIdle()) {
            close(CloseReason.PEER);
        } else {
            String how = responses.isInsideMessage()
                    ? "it closed in the middle of its answer"
                    : "it closed the connection; its log may say why";
            lose(how, CloseReason.PEER);
        }
    }

    @Override
    public void closed(LoopConnection from, CloseReason reason) {
        if (over) {
            return;
        }
        if (from.closeCause() instanceof ConnectFailedException failure) {
            over = true;
            owner.connectFailed(this, failure);
        } else if (responses.hasAnsweredPlainly()) {
            isPlain();
        } else if (reason == CloseReason.DRAIN) {
            lose(ConnectionLoss.byClose(address, outcomeIfLost()), reason); // the loop is closed
        } else {
            lose("the connection was lost: " + from.closeText() + " (" + reason + ")", reason);
        }
    }

    /** Ends the connection. The exchanges under way fail with {@link #lost}. */
    @Override
    public void lose(String how, CloseReason reason) {
        lose(lost(how, reason, null), reason);
    }

    @Override
    public void lose(Throwable failure, CloseReason reason) {
        if (!over) {
            end(failure, reason);
        }
    }

    /**
     * Returns the failure of the exchanges under way. As long as the peer is not known, these exchanges were certainly
     * not processed, since no request of the user was sent yet.
     */
    @Override
    public ConnectionLostException lost(String how, CloseReason reason, @Nullable Throwable cause) {
        return new ConnectionLostException("no answer from " + address + ": " + how, reason, outcomeIfLost(), cause);
    }

    private Outcome outcomeIfLost() {
        return peer == Peer.FULL ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
    }

    /** Ends the connection, because the client is closed. */
    void closeWithClient() {
        if (!over && peer == Peer.FULL && !outputEnded) {
            FinalCancels.put(out(), streams, pending);
            flush();
        }
        lose(ConnectionLoss.byClose(address, outcomeIfLost()), CloseReason.LOCAL);
    }

    /** Closes the connection. Called when no exchange of the user is under way. */
    private void close(CloseReason reason) {
        if (!over) {
            end(lost("the connection was closed", reason, null), reason);
        }
    }

    private void end(Throwable failure, CloseReason reason) {
        over = true;
        heartbeat.stop();
        question.stop();
        if (output != null) {
            output.discard();
        }
        LoopConnection current = connection;
        if (current != null && current.closeReason() == null) {
            current.closeWithoutLingering(reason);
        }
        if (messageLog != null) {
            messageLog.closed(reason);
        }
        cut = underWay();
        List<Call> calls = pending.removeAll();
        List<StreamCall> open = streams == null ? List.of() : streams.removeAll();
        new ConnectionLoss(address, failure, calls, open).failAll();
        owner.ended(this, reason, failure);
    }

    @Override
    public boolean isUsed() {
        return !over && peer == Peer.FULL;
    }

    @Override
    public long queuedBytes() {
        return connection == null ? 0 : connection.queuedBytes();
    }

    @Override
    public void ping() {
        responses.awaitPong();
        control(ControlFrames.of(ControlFrames.PING, Header.NO_ID));
    }
}
