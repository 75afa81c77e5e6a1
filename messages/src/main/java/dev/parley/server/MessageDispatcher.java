package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header;
import dev.parley.net.CloseReason;

/**
 * Decides what an inbound message is: a control, a message of an open stream, or a request, which it passes to the
 * {@link RequestDispatcher}. It ends the connection of a client that breaks the rules of the protocol for these (mark X
 * of docs/protocol.md). Runs on the loop's thread.
 */
final class MessageDispatcher {
    private final RequestsInFlight inFlight;
    private final RequestDispatcher requests;
    private final ControlHandler controls;
    private final FairShare fairShare;
    private final Session session;
    private long messages;

    /** The session, as its messages see it. */
    interface Session {
        /** Takes note that the peer has shown a key of ours, and so may be sent a control. */
        void peerIsFull();

        /** Ends the connection with an error. */
        void end(Message error, CloseReason reason);
    }

    MessageDispatcher(
            RequestsInFlight inFlight,
            RequestDispatcher requests,
            ControlHandler controls,
            FairShare fairShare,
            Session session) {
        this.inFlight = inFlight;
        this.requests = requests;
        this.controls = controls;
        this.fairShare = fairShare;
        this.session = session;
    }

    /** Returns how many messages were dispatched, without controls. */
    long messages() {
        return messages;
    }

    /** Dispatches a message that was read; it may be lent for the time of this call. */
    void dispatch(Message message) {
        Header header = message.header();
        if (header.isOfFullPeer()) {
            session.peerIsFull();
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
    void dispatch(FrameReader.Refused refused) {
        messages++;
        fairShare.tookOther();
        if (refused.id() != Header.NO_ID) {
            session.peerIsFull();
        }
        Streams streams = inFlight.streamsOrNull();
        if (controls.isOneErrorTooMany()) {
            endForTooMany("errors");
        } else if (refused.id() == Header.NO_ID || !isInUse(refused.id())) {
            requests.take(refused);
        } else if (streams != null && streams.has(refused.id())) {
            streams.refuse(refused.id(), refused.more(), ErrorResponses.of(refused.error()));
        } else {
            endForDuplicateId();
        }
    }

    /** Counts an error that was found after its message was dispatched. */
    void erred() {
        if (controls.isOneErrorTooMany()) {
            endForTooMany("errors");
        }
    }

    private void control(Header header) {
        fairShare.tookOther();
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
}
