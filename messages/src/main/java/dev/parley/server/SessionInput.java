package dev.parley.server;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.link.ForeignProtocol;
import dev.parley.memory.ContentPool;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes that a session receives into messages, and decides what each of them is: a control, a message of an
 * open stream, or else a request, even if its id is unknown, which it passes to the {@link RequestDispatcher}. It ends
 * the connection if the client breaks the rules of the protocol for these messages (mark X of docs/protocol.md). While
 * the session takes no messages, this class keeps the bytes that were already received and pauses reading. Then the
 * peer's socket fills up, and the peer must wait. Runs on the loop's thread.
 */
final class SessionInput {
    private final LoopConnection connection;
    private final LentRequest lentRequest;
    private final FrameReader reader;
    private final MessageTimeout timeout;
    private final Callbacks session;
    private final RequestsInFlight inFlight;
    private final RequestDispatcher requests;
    private final ControlHandler controls;
    private final FairShare fairShare;
    private long messages;

    /** The bytes that were received while no further request could start; null while reading goes on. */
    private @Nullable ByteBuffer unread;

    /** The part of the session that its input uses. */
    interface Callbacks {
        /** Returns true if received bytes are still read. If not, they are dropped. */
        boolean mayRead();

        /** Returns true if the next message may be taken now. */
        boolean mayTake();

        /** Called when the peer has sent a key of our protocol, so that we may send it a control. */
        void peerShowedKey();

        /** Ends the connection with an error. */
        void end(Message error, CloseReason reason);

        /**
         * Called when the peer speaks another protocol.
         *
         * @param begun the three bytes from which the protocol was guessed
         * @param rest the bytes that have arrived, from the third of them on
         */
        void foreign(ForeignProtocol protocol, FrameReader.Foreign begun, ByteBuffer rest);
    }

    SessionInput(
            LoopConnection connection,
            MessageLimits limits,
            LentRequest lentRequest,
            RequestsInFlight inFlight,
            RequestDispatcher requests,
            ControlHandler controls,
            FairShare fairShare,
            MessageTimeout.TooSlow tooSlow,
            Callbacks session) {
        this.connection = connection;
        this.lentRequest = lentRequest;
        this.inFlight = inFlight;
        this.requests = requests;
        this.controls = controls;
        this.fairShare = fairShare;
        this.session = session;
        reader = FrameReader.leavingPacked(
                limits.frame(),
                Direction.REQUEST,
                connection.loop().shared(ContentPool.class, ContentPool::new, ContentPool::close));
        timeout = new MessageTimeout(connection.loop(), limits, reader, tooSlow);
    }

    // Bytes.

    /** Takes bytes that were received. Called while no earlier bytes are kept. */
    void received(ByteBuffer bytes) {
        take(bytes);
        if (bytes.hasRemaining() && session.mayRead()) {
            unread = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            connection.pauseReading();
        }
    }

    /** Keeps bytes that were received, after the bytes that are already kept. */
    void keep(ByteBuffer bytes) {
        ByteBuffer first = unread;
        int before = first == null ? 0 : first.remaining();
        ByteBuffer both = ByteBuffer.allocate(before + bytes.remaining());
        if (first != null) {
            both.put(first);
        }
        unread = both.put(bytes).flip();
    }

    /** Takes messages from the kept bytes, if the session takes messages now. */
    void goOn() {
        ByteBuffer rest = unread;
        if (rest != null && session.mayTake()) {
            take(rest);
            if (!rest.hasRemaining() && session.mayRead()) {
                unread = null;
                connection.resumeReading();
            }
        }
    }

    /** Takes messages until the bytes are used up, or the session takes no further message. */
    private void take(ByteBuffer bytes) {
        while (bytes.hasRemaining() && session.mayTake()) {
            take(reader.read(bytes), bytes);
        }
    }

    private void take(FrameReader.Result result, ByteBuffer rest) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                timeout.stop();
                dispatch(lentRequest.of(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                timeout.stop();
                dispatch(refused);
            }
            case FrameReader.Broken broken -> session.end(ErrorResponses.of(broken.error()), CloseReason.PROTOCOL);
            case FrameReader.Foreign foreign -> session.foreign(ForeignProtocol.guess(foreign), foreign, rest);
        }
    }

    // Messages.

    /** Returns the number of messages that were dispatched, without controls. */
    long messages() {
        return messages;
    }

    /** Dispatches a message that was read. The message may be lent, and is then valid only during this call. */
    private void dispatch(Message message) {
        Header header = message.header();
        if (header.isOfFullPeer()) {
            session.peerShowedKey();
        }
        if (header.isControl()) {
            control(header);
            return;
        }
        messages++;
        Streams streams = inFlight.streamsOrNull();
        if (header.id() == Header.NO_ID || !isInUse(header.id())) {
            requests.take(message);
        } else if (streams != null && streams.has(header.id())) {
            ofStream(streams.take(message));
        } else {
            endForDuplicateId();
        }
    }

    /** Dispatches a message that was refused when it was read. */
    private void dispatch(FrameReader.Refused refused) {
        messages++;
        fairShare.countOther();
        if (refused.id() != Header.NO_ID) {
            session.peerShowedKey();
        }
        Streams streams = inFlight.streamsOrNull();
        if (controls.isOneErrorTooMany()) {
            endForTooMany("errors");
        } else if (refused.id() == Header.NO_ID || !isInUse(refused.id())) {
            requests.takeUnreadable(refused);
        } else if (streams != null && streams.has(refused.id())) {
            streams.refuse(refused.id(), refused.more(), ErrorResponses.of(refused.error()));
        } else {
            endForDuplicateId();
        }
    }

    /** Counts an error in a message. Called if the error was found after the message was dispatched. */
    void erred() {
        if (controls.isOneErrorTooMany()) {
            endForTooMany("errors");
        }
    }

    private void control(Header header) {
        fairShare.countOther();
        String tooMany = controls.take(header, messages);
        if (tooMany != null) {
            endForTooMany(tooMany);
        }
    }

    private boolean isInUse(long id) {
        return inFlight.has(id) || requests.has(id);
    }

    private void ofStream(Streams.Piece became) {
        switch (became) {
            case TAKEN -> {}
            case NOT_EXPECTED -> endForDuplicateId();
            case WITHOUT_CREDIT ->
                session.end(
                        ErrorResponses.of(ErrorCode.BAD_FRAME, "a message of a stream came without credit for it"),
                        CloseReason.PROTOCOL);
        }
    }

    private void endForTooMany(String what) {
        session.end(
                ErrorResponses.of(ErrorCode.TOO_MANY_ERRORS, "too many " + what + " in a short time"),
                CloseReason.PROTOCOL);
    }

    private void endForDuplicateId() {
        session.end(
                ErrorResponses.of(ErrorCode.DUPLICATE_ID, "id is that of a request that is still being handled"),
                CloseReason.PROTOCOL);
    }

    // State.

    /** Returns true while bytes are kept and reading is paused. */
    boolean isPaused() {
        return unread != null;
    }

    /** Returns true if a message has begun and is not complete. */
    boolean isInsideMessage() {
        return reader.isInsideFrame();
    }

    /** Starts the timeout of a message that has begun. */
    void watch() {
        timeout.watch();
    }

    /** Stops the timeout of a message. */
    void stopWatching() {
        timeout.stop();
    }

    /** Drops the kept bytes. Called when nothing more will be read. */
    void stop() {
        timeout.stop();
        unread = null;
    }

    /** Gives back the memory of a message that will not be completed. */
    void close() {
        timeout.end();
        reader.drop();
    }

    long heldBytes() {
        ByteBuffer rest = unread;
        return (long) reader.heldBytes() + (rest == null ? 0 : rest.remaining());
    }
}
