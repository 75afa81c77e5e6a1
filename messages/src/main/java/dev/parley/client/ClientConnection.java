package dev.parley.client;

import dev.parley.CallException.Outcome;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.ForeignProtocol;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.Heartbeat;
import dev.parley.link.MessageLog;
import dev.parley.link.MessageOutput;
import dev.parley.link.StreamMessages;
import dev.parley.link.StreamScheduler;
import dev.parley.link.UselessControls;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one server: what was sent on it, found again by its id. It is of no more use once it was lost, and
 * takes nothing new once its server goes away. Runs on the loop's thread.
 */
final class ClientConnection implements Receiver {
    private final EventLoop loop;
    private final Address address;
    private final MessageLimits limits;
    private final LateResponses late;
    private final ConnectionOwner owner;
    private final FrameReader reader;
    private final PendingCalls pending = new PendingCalls();
    private final RequestKeys keys = new RequestKeys();
    private final Heartbeat heartbeat;
    private final PeerDiscovery question;
    private final UselessControls uselessControls;
    private Peer peer = Peer.UNKNOWN;
    private long lastId;
    private @Nullable LoopConnection connection;
    private @Nullable MessageOutput output;
    private @Nullable ClientStreams streams;
    private @Nullable MessageLog messageLog;
    private boolean flushIsDue;
    private boolean goingAway;
    private boolean over;
    private boolean answeredPlainly;
    private boolean hadNothing;
    private boolean hasSentPong;
    private boolean awaitsPong;
    private long messages;
    private long openedNanos;

    ClientConnection(
            EventLoop loop, Address address, MessageLimits limits, LongAdder lateResponses, ConnectionOwner owner) {
        this.loop = loop;
        this.address = address;
        this.limits = limits;
        this.late = new LateResponses(lateResponses);
        this.owner = owner;
        this.reader = new FrameReader(limits.frame(), Direction.RESPONSE);
        this.heartbeat = new Heartbeat(loop, limits.pingInterval(), limits.pingTimeout(), new ServerLiveness(this));
        this.question = new PeerDiscovery(loop, limits);
        this.uselessControls = new UselessControls(loop);
    }

    void start() {
        connection = loop.connect(address, this);
    }

    Address address() {
        return address;
    }

    Peer peer() {
        return peer;
    }

    /** Its peer is a full one, and takes requests. */
    boolean isReady() {
        return peer == Peer.FULL && !over && !goingAway;
    }

    /** It stands, or has stood. */
    boolean wasOpened() {
        return output != null;
    }

    long openedNanos() {
        return openedNanos;
    }

    /** Nothing was under way on it when it was lost. */
    boolean hadNothing() {
        return hadNothing;
    }

    /** How many calls wait for their answers here. */
    int pendingCalls() {
        return pending.size();
    }

    private boolean isIdle() {
        return pending.size() == 0 && (streams == null || streams.isEmpty());
    }

    // Requests.

    /** Whether another call may be sent now. */
    boolean mayCall() {
        return isReady() && pending.size() < limits.inFlightMax() && !out().isHeldBack();
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
        long id = put(call, keys.addTo(call.request(), call.action(), millis(call)));
        if (id == Header.NO_ID) {
            return;
        }
        call.markSent();
        if (call.isOneWay()) {
            call.succeed(call.request()); // nothing comes back
        } else {
            pending.put(call);
        }
    }

    /** Sends what opens a stream. */
    void open(StreamCall stream) {
        Message first = keys.addTo(stream.request(), stream.action(), millis(stream));
        long id = put(stream, stream.sendsMore() ? first.withProtocolKey(Header.MORE, true) : first);
        if (id != Header.NO_ID) {
            streams().add(id, stream);
        }
    }

    /** Puts a first message; returns its id, or none where its header is too long, which has ended the exchange. */
    private long put(ClientExchange exchange, Message message) {
        long id = lastId + 1;
        try {
            out().put(message, id);
        } catch (IllegalArgumentException headerTooLong) {
            exchange.fail(headerTooLong);
            return Header.NO_ID;
        }
        lastId = id;
        exchange.sent(this, id);
        flushLater();
        return id;
    }

    private long millis(ClientExchange exchange) {
        return exchange.hasDeadline()
                ? (exchange.timeLeft(loop).toNanos() + 999_999) / 1_000_000
                : RequestKeys.NO_TIMEOUT;
    }

    /** Everything that the callbacks and tasks of one turn send leaves together. */
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

    private void control(Message control) {
        if (!over && output != null && peer == Peer.FULL) {
            output.put(control);
            flushLater();
        }
    }

    private void logEnd(long id, String how) {
        if (messageLog != null) {
            messageLog.ended(id, how);
        }
    }

    /** A call ended without its answer. */
    void drop(Call call, boolean tellServer) {
        if (pending.remove(call.id()) != null) {
            logEnd(call.id(), "given up");
            late.callGivenUp();
            if (tellServer) {
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

    void ready(StreamCall stream) {
        if (!over) {
            streams().ready(stream);
            flushLater();
        }
    }

    void grant(long id, int bytes) {
        control(ControlFrames.credit(id, bytes));
    }

    /** A stream ended here before its server ended it. */
    void drop(StreamCall stream, boolean tellServer) {
        if (streams != null && streams.remove(stream.id()) != null) {
            late.streamGivenUp();
            logEnd(stream.id(), "given up");
            if (tellServer) {
                control(ControlFrames.of(ControlFrames.CANCEL, stream.id()));
            } else if (!stream.hasSentEnd()) {
                put(StreamMessages.mark(), stream.id());
            }
            settled();
        }
    }

    private void put(Message message, long id) {
        if (!over) {
            out().put(message, id);
            flushLater();
        }
    }

    // Responses.

    @Override
    public void opened(LoopConnection opened) {
        messageLog = MessageLog.ofClient(opened);
        output = new MessageOutput(opened, messageLog);
        openedNanos = loop.freshNanos();
        lastId = PeerDiscovery.ID;
        output.put(question.ask(() -> lose(question.silence(), CloseReason.PING_TIMEOUT)));
        flushLater();
    }

    @Override
    public void bytes(LoopConnection from, ByteBuffer bytes) {
        heartbeat.heard();
        while (bytes.hasRemaining() && !over) {
            take(reader.read(bytes));
        }
        settled();
    }

    private void take(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> take(Message.of(whole.frame()));
            case FrameReader.Refused refused -> takeRefused(refused);
            case FrameReader.Broken broken ->
                lose("its answer is no message: " + broken.error().getMessage(), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> lose(foreign(foreign.protocol()), CloseReason.PROTOCOL);
        }
    }

    private String foreign(ForeignProtocol protocol) {
        boolean hasAnswered = peer != Peer.UNKNOWN || answeredPlainly;
        return hasAnswered ? "behind its answers " + ForeignProtocol.behindMessages() : protocol.seenByClient();
    }

    private void takeRefused(FrameReader.Refused refused) {
        String why = "its answer is no message: " + refused.error().getMessage();
        Throwable failure = lost(why, CloseReason.PROTOCOL, refused.error());
        logEnd(refused.id(), "its answer cannot be read (" + refused.error().getMessage() + ")");
        Call call = pending.remove(refused.id());
        StreamCall stream = call == null && streams != null ? streams.get(refused.id()) : null;
        if (call != null) {
            call.fail(failure);
        } else if (stream != null) {
            drop(stream, true);
            stream.fail(failure);
        } else if (refused.id() == Header.NO_ID || refused.id() > lastId || peer == Peer.UNKNOWN) {
            lose(why, CloseReason.PROTOCOL);
        } else {
            late();
        }
    }

    private void take(Message response) {
        Header header = response.header();
        if (messageLog != null) {
            messageLog.received(response);
        }
        if (answeredPlainly) {
            lose("it sends messages that answer nothing", CloseReason.PROTOCOL);
        } else if (header.isControl()) {
            takeControl(header);
        } else {
            messages++;
            takeMessage(response, header.id());
        }
    }

    private void takeMessage(Message response, long id) {
        if (id == Header.NO_ID) {
            takeWithoutId(response);
        } else {
            take(response, id);
        }
    }

    private void take(Message response, long id) {
        Call call = pending.remove(id);
        if (call != null) {
            if (response.header().hasMore()) {
                call.fail(lost(
                        "it answered with a stream, which this call does not take: ask with stream(…), or --stream",
                        CloseReason.PROTOCOL,
                        null));
                control(ControlFrames.of(ControlFrames.CANCEL, id));
            } else {
                call.answered(response, address, loop);
            }
            return;
        }
        StreamCall stream = streams == null ? null : streams.get(id);
        if (stream != null) {
            takePiece(stream, response);
        } else if (peer == Peer.UNKNOWN && id == PeerDiscovery.ID) {
            known();
        } else if (id <= lastId && peer == Peer.FULL) {
            late();
        } else {
            lose("it answered a request that was never sent", CloseReason.PROTOCOL);
        }
    }

    private void takePiece(StreamCall stream, Message response) {
        String status = response.status().orElse("");
        if (!status.isEmpty()) {
            forget(stream);
            if (status.equals(ErrorCode.TIMEOUT.wire()) && stream.isOverdue(loop)) {
                stream.timedOut(address, "");
            } else {
                stream.fail(RefusedException.of(address.toString(), stream.action(), status, response));
            }
        } else if (!stream.take(response)) {
            lose("it sent more of a stream than it was granted", CloseReason.PROTOCOL);
        } else if (stream.isOver()) {
            forget(stream);
        }
    }

    /** The server has ended a stream; our side ends as well where it has not. */
    private void forget(StreamCall stream) {
        if (streams != null) {
            streams.remove(stream.id());
        }
        if (!stream.hasSentEnd()) {
            put(StreamMessages.mark(), stream.id()); // no cancel: a server counts those, and this is no change of mind
        }
    }

    private void known() {
        if (peer == Peer.UNKNOWN) {
            peer = Peer.FULL;
            question.stop();
            heartbeat.start();
            owner.known(this);
        }
    }

    private void takeControl(Header header) {
        String name = String.valueOf(header.text(Header.CONTROL));
        boolean goesNow = name.equals(ControlFrames.GOING_AWAY) && !goingAway;
        goingAway |= goesNow;
        known(); // the tutorial's server sends none
        boolean changesNothing =
                switch (name) {
                    case ControlFrames.PING -> !pong(header.id());
                    case Header.CREDIT -> {
                        StreamCall stream = streams == null ? null : streams.get(header.id());
                        yield stream == null || !stream.out().grant(header.credit());
                    }
                    case ControlFrames.GOING_AWAY -> !goesNow;
                    case ControlFrames.PONG -> !awaitsPong;
                    default -> true; // of a later version
                };
        awaitsPong &= !name.equals(ControlFrames.PONG);
        if (changesNothing && uselessControls.isOneTooMany(messages)) {
            lose("it sends controls that change nothing, without end", CloseReason.PROTOCOL);
        } else if (goesNow) {
            owner.goingAway(this);
        }
    }

    /** Whether it is answered. One answer waits at a time: a server that reads nothing must not fill our memory. */
    private boolean pong(long id) {
        boolean answers = !hasSentPong || queuedBytes() == 0;
        if (answers) {
            hasSentPong = true;
            control(ControlFrames.of(ControlFrames.PONG, id));
        }
        return answers;
    }

    private void late() {
        if (late.isOneTooMany()) {
            lose("it answers more often than it is asked", CloseReason.PROTOCOL);
        }
    }

    private void takeWithoutId(Message response) {
        if (response.header().isTrue(Header.CLOSE)) {
            String status = response.status().orElse("ok");
            lose(RefusedException.of(address.toString(), null, status, response), CloseReason.PEER);
        } else if (peer == Peer.UNKNOWN && connection != null) {
            answeredPlainly = true;
            question.answeredPlainly(this::isPlain);
            connection.shutdownOutput();
        } else {
            lose("it sent a message that answers nothing", CloseReason.PROTOCOL);
        }
    }

    private void isPlain() {
        peer = Peer.PLAIN;
        close(CloseReason.LOCAL);
    }

    /** Room may have come free; one that goes away ends when nothing is under way. */
    private void settled() {
        if (over) {
            return;
        }
        if (goingAway && isIdle() && connection != null) {
            flush();
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
        if (answeredPlainly && !reader.isInsideFrame()) {
            isPlain();
        } else if (goingAway && isIdle()) {
            close(CloseReason.PEER);
        } else {
            String how = reader.isInsideFrame()
                    ? "it closed inside its answer"
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
        } else if (answeredPlainly && !reader.isInsideFrame()) {
            isPlain();
        } else {
            lose("the connection was lost: " + from.closeText() + " (" + reason + ")", reason);
        }
    }

    /** What is under way ends, as it is not known what became of it. */
    void lose(String how, CloseReason reason) {
        lose(lost(how, reason, null), reason);
    }

    private void lose(Throwable failure, CloseReason reason) {
        if (!over) {
            end(failure, reason);
        }
    }

    /** Before the peer is known, nothing of the user's was sent. */
    private ConnectionLostException lost(String how, CloseReason reason, @Nullable Throwable cause) {
        Outcome outcome = peer == Peer.FULL ? Outcome.UNKNOWN : Outcome.NOT_PROCESSED;
        return new ConnectionLostException("no answer from " + address + ": " + how, reason, outcome, cause);
    }

    /** Nothing is under way, or it does not matter. */
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
            current.close(reason);
        }
        if (messageLog != null) {
            messageLog.closed(reason);
        }
        hadNothing = isIdle();
        List<Call> calls = pending.removeAll();
        List<StreamCall> open = streams == null ? List.of() : streams.removeAll();
        var connectionLoss = new ConnectionLoss(address, failure, calls, open);
        calls.forEach(call -> call.fail(connectionLoss.of(call)));
        open.forEach(stream -> stream.fail(connectionLoss.of(stream)));
        owner.ended(this, reason, failure);
    }

    boolean isUsed() {
        return !over && peer == Peer.FULL;
    }

    long queuedBytes() {
        return connection == null ? 0 : connection.queuedBytes();
    }

    void ping() {
        awaitsPong = true;
        control(ControlFrames.of(ControlFrames.PING, Header.NO_ID));
    }
}
