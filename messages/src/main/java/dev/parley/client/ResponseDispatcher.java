package dev.parley.client;

import dev.parley.ConnectionLostException;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.ControlFrames;
import dev.parley.link.ForeignProtocol;
import dev.parley.link.MessageLog;
import dev.parley.link.UselessControls;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.EventLoop;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages that a server sends on one connection, and decides what each message is: the response to a call, a
 * message of a stream, a control, or a late response, for which no exchange waits. If the server breaks the rules of
 * the protocol for these messages, the connection is ended. Runs on the loop's thread.
 */
final class ResponseDispatcher {
    private final EventLoop loop;
    private final Address server;
    private final FrameReader reader;
    private final PendingCalls calls;
    private final LateResponses late;
    private final UselessControls uselessControls;
    private final Connection connection;
    private @Nullable MessageLog messageLog;
    private boolean goingAway;
    private boolean answered;
    private boolean answeredPlainly;
    private boolean awaitsPong;
    private boolean hasSentPong;
    private long messages;

    /** The part of the connection that this dispatcher uses. */
    interface Connection {
        Peer peer();

        /** Returns the highest id that was used on this connection. */
        long lastId();

        /** Returns the open streams, or null if there was no stream yet. */
        @Nullable
        ClientStreams streamsOrNull();

        /** Returns true if the connection is lost or closed. */
        boolean isOver();

        /** Called when the server has answered like a full peer. */
        void known();

        /** Called when the server has answered without an id, like the tutorial's server. */
        void answeredPlainly();

        /** Called when the server takes no new requests on this connection. */
        void goesAway();

        /** Sends a control. */
        void control(Message control);

        /** Returns the number of queued bytes, which the server has not taken. */
        long queuedBytes();

        /** Called when the server has ended a stream; ends our direction of it too. */
        void serverEnded(StreamCall stream);

        /** Gives up a stream, and notifies the server. */
        void giveUp(StreamCall stream);

        /** Returns the failure of an exchange whose response cannot be received any more. */
        ConnectionLostException lost(String how, CloseReason reason, @Nullable Throwable cause);

        /** Ends the connection. The exchanges under way fail. */
        void lose(String how, CloseReason reason);

        /** Ends the connection. The exchanges under way fail because of an error that the server has sent. */
        void lose(Throwable failure, CloseReason reason);
    }

    ResponseDispatcher(
            EventLoop loop,
            Address server,
            FrameLimits limits,
            PendingCalls calls,
            LateResponses late,
            Connection connection) {
        this.loop = loop;
        this.server = server;
        this.reader = new FrameReader(limits, Direction.RESPONSE);
        this.calls = calls;
        this.late = late;
        this.uselessControls = new UselessControls(loop);
        this.connection = connection;
    }

    /** Sets the log of the messages, from now on. */
    void logTo(@Nullable MessageLog log) {
        messageLog = log;
    }

    /** Returns true if the server has said that it takes no new requests. */
    boolean isGoingAway() {
        return goingAway;
    }

    /** Returns true if the server has answered a request of the user, and not with an error. */
    boolean hasAnswered() {
        return answered;
    }

    /** Returns true if the server has answered like the tutorial's server, with one whole message. */
    boolean hasAnsweredPlainly() {
        return answeredPlainly && !reader.isInsideFrame();
    }

    boolean isInsideMessage() {
        return reader.isInsideFrame();
    }

    /** Called when a ping was sent. */
    void awaitPong() {
        awaitsPong = true;
    }

    /** Dispatches the messages in the bytes that were received. */
    void received(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !connection.isOver()) {
            dispatch(reader.read(bytes));
        }
    }

    private void dispatch(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> dispatch(Message.of(whole.frame()));
            case FrameReader.Refused refused -> dispatchRefused(refused);
            case FrameReader.Broken broken ->
                connection.lose("its answer is not a message: " + broken.error().getMessage(), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign ->
                connection.lose(foreign(ForeignProtocol.guess(foreign)), CloseReason.PROTOCOL);
        }
    }

    private String foreign(ForeignProtocol protocol) {
        boolean hasAnswered = connection.peer() != Peer.UNKNOWN || answeredPlainly;
        return hasAnswered ? "after its answers " + ForeignProtocol.behindMessages() : protocol.seenByClient();
    }

    private void dispatch(Message message) {
        Header header = message.header();
        if (messageLog != null) {
            messageLog.received(message);
        }
        if (answeredPlainly) {
            connection.lose("it sends messages that do not answer a request", CloseReason.PROTOCOL);
        } else if (header.isControl()) {
            control(header);
        } else {
            messages++;
            if (header.id() == Header.NO_ID) {
                withoutId(message);
            } else {
                withId(message, header.id());
            }
        }
    }

    private void withId(Message message, long id) {
        Call call = calls.remove(id);
        if (call != null) {
            ofCall(call, message, id);
            return;
        }
        ClientStreams streams = connection.streamsOrNull();
        StreamCall stream = streams == null ? null : streams.get(id);
        if (stream != null) {
            ofStream(stream, message);
        } else if (connection.peer() == Peer.UNKNOWN && id == PeerDiscovery.ID) {
            connection.known();
        } else if (id <= connection.lastId() && connection.peer() == Peer.FULL) {
            late(message.header().hasMore());
        } else {
            connection.lose("it answered a request that was never sent", CloseReason.PROTOCOL);
        }
    }

    private void ofCall(Call call, Message response, long id) {
        answered |= response.status().isEmpty();
        if (response.header().hasMore()) {
            giveUpStream(id);
            call.fail(ContentException.ofAnswer(server + " answered with a stream, and not with one message:"
                    + " call stream(…) or duplex(…) instead, or use --stream"));
        } else {
            call.answered(response, server, loop);
        }
    }

    /** Gives up the stream with which the server answers a call. The pieces that are on their way will be late. */
    private void giveUpStream(long id) {
        late.streamGivenUp();
        connection.control(ControlFrames.of(ControlFrames.CANCEL, id));
    }

    private void ofStream(StreamCall stream, Message message) {
        String status = message.status().orElse(null);
        answered |= status == null;
        if (status != null) {
            connection.serverEnded(stream);
            if (status.equals(ErrorCode.TIMEOUT.wire()) && stream.isOverdue(loop)) {
                stream.timedOut(server, "");
            } else {
                stream.fail(RefusedException.of(server.toString(), stream.action(), status, message));
            }
        } else if (!stream.take(message)) {
            connection.lose(
                    "it sent more of a stream than it was granted, or more headers without contents than may wait",
                    CloseReason.PROTOCOL);
        } else if (stream.isOver()) {
            connection.serverEnded(stream);
        }
    }

    private void withoutId(Message message) {
        if (message.header().isTrue(Header.CLOSE)) {
            String status = message.status().orElse("ok");
            connection.lose(RefusedException.of(server.toString(), null, status, message), CloseReason.PEER);
        } else if (connection.peer() == Peer.UNKNOWN) {
            answeredPlainly = true;
            connection.answeredPlainly();
        } else {
            connection.lose("it sent a message that does not answer a request", CloseReason.PROTOCOL);
        }
    }

    private void dispatchRefused(FrameReader.Refused refused) {
        String why = "its answer is not a message: " + refused.error().getMessage();
        Throwable failure = connection.lost(why, CloseReason.PROTOCOL, refused.error());
        if (messageLog != null) {
            messageLog.ended(
                    refused.id(),
                    "its answer cannot be read (" + refused.error().getMessage() + ")");
        }
        Call call = calls.remove(refused.id());
        ClientStreams streams = connection.streamsOrNull();
        StreamCall stream = call == null && streams != null ? streams.get(refused.id()) : null;
        if (call != null) {
            if (refused.more()) {
                giveUpStream(refused.id());
            }
            call.fail(failure);
        } else if (stream != null) {
            connection.giveUp(stream);
            stream.fail(failure);
        } else if (refused.id() == Header.NO_ID
                || refused.id() > connection.lastId()
                || connection.peer() == Peer.UNKNOWN) {
            connection.lose(why, CloseReason.PROTOCOL);
        } else {
            late(refused.more());
        }
    }

    private void control(Header header) {
        String name = String.valueOf(header.text(Header.CONTROL));
        boolean goesNow = name.equals(ControlFrames.GOING_AWAY) && !goingAway;
        goingAway |= goesNow;
        connection.known(); // the tutorial's server sends no controls, so this is a full peer
        boolean changesNothing =
                switch (name) {
                    case ControlFrames.PING -> !pong(header.id());
                    case Header.CREDIT -> !credit(header);
                    case ControlFrames.GOING_AWAY -> !goesNow;
                    case ControlFrames.PONG -> !awaitsPong;
                    default -> true; // a control of a later version
                };
        awaitsPong &= !name.equals(ControlFrames.PONG);
        if (changesNothing && uselessControls.isOneTooMany(messages)) {
            connection.lose("it sends controls that change nothing, without end", CloseReason.PROTOCOL);
        } else if (goesNow) {
            connection.goesAway();
        }
    }

    private boolean credit(Header header) {
        ClientStreams streams = connection.streamsOrNull();
        StreamCall stream = streams == null ? null : streams.get(header.id());
        return stream != null && stream.out().grant(header.credit());
    }

    /**
     * Answers a ping with a pong, and returns true. If a pong was sent before, and output is still queued, does not
     * answer and returns false: otherwise a server that sends pings but reads nothing would fill our memory.
     */
    private boolean pong(long id) {
        boolean answers = !hasSentPong || connection.queuedBytes() == 0;
        if (answers) {
            hasSentPong = true;
            connection.control(ControlFrames.of(ControlFrames.PONG, id));
        }
        return answers;
    }

    private void late(boolean more) {
        if (late.isOneTooMany(more)) {
            connection.lose("it answers more often than it is asked", CloseReason.PROTOCOL);
        }
    }
}
