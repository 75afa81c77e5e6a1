package dev.parley.server;

import dev.parley.JsonLimits;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameException;
import dev.parley.frame.FrameReader;
import dev.parley.frame.Header.Direction;
import dev.parley.link.ForeignProtocol;
import dev.parley.memory.ContentPool;
import dev.parley.net.LoopConnection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes that a session receives into messages. While the session takes none, it keeps the bytes that were
 * already received and pauses reading, so that the peer is held back by its own socket. Runs on the loop's thread.
 */
final class SessionInput {
    private final LoopConnection connection;
    private final JsonLimits json;
    private final FrameReader reader;
    private final MessageTimeout timeout;
    private final Session session;
    private final MessageDispatcher dispatcher;

    /** The request of the frame that was lent last, which is nearly always that of the next one. */
    private @Nullable Message lastRequest;

    /** The bytes that were received while no further request could start; null while reading goes on. */
    private @Nullable ByteBuffer unread;

    /** The session, as its input sees it. */
    interface Session {
        /** Returns true if bytes that are received are of any use. */
        boolean mayRead();

        /** Returns true if the next message may be taken now. */
        boolean mayTake();

        /** Takes note that nothing further can be read. */
        void broken(FrameException error);

        /** Takes note that the peer speaks another protocol. */
        void foreign(ForeignProtocol protocol);
    }

    SessionInput(
            LoopConnection connection,
            MessageLimits limits,
            MessageDispatcher dispatcher,
            MessageTimeout.TooSlow tooSlow,
            Session session) {
        this.connection = connection;
        this.json = limits.json();
        this.dispatcher = dispatcher;
        this.session = session;
        reader = FrameReader.leavingPacked(
                limits.frame(),
                Direction.REQUEST,
                connection.loop().shared(ContentPool.class, ContentPool::new, ContentPool::close));
        timeout = new MessageTimeout(connection.loop(), limits, reader, tooSlow);
    }

    /** Takes what was received while nothing is kept. */
    void received(ByteBuffer bytes) {
        take(bytes);
        if (bytes.hasRemaining() && session.mayRead()) {
            unread = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            connection.pauseReading();
        }
    }

    /** Keeps what was received behind what is kept already. */
    void keep(ByteBuffer bytes) {
        ByteBuffer first = unread;
        int before = first == null ? 0 : first.remaining();
        ByteBuffer both = ByteBuffer.allocate(before + bytes.remaining());
        if (first != null) {
            both.put(first);
        }
        unread = both.put(bytes).flip();
    }

    /** Goes on with what is kept, as far as the session takes it. */
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

    /** Takes messages until the bytes are used up or no further one may be taken. */
    private void take(ByteBuffer bytes) {
        while (bytes.hasRemaining() && session.mayTake()) {
            take(reader.read(bytes));
        }
    }

    private void take(FrameReader.Result result) {
        switch (result) {
            case FrameReader.NotYet _ -> {}
            case FrameReader.Whole whole -> {
                timeout.stop();
                dispatcher.dispatch(requestOf(whole.frame()));
            }
            case FrameReader.Refused refused -> {
                timeout.stop();
                dispatcher.dispatch(refused);
            }
            case FrameReader.Broken broken -> session.broken(broken.error());
            case FrameReader.Foreign foreign -> session.foreign(ForeignProtocol.guess(foreign));
        }
    }

    @SuppressWarnings("ReferenceEquality") // the very frame that was lent before
    private Message requestOf(Frame frame) {
        Message last = lastRequest;
        if (last != null && last.frame() == frame) {
            return last;
        }
        Message request = Message.of(frame, json);
        lastRequest = frame.isLent() ? request : null; // any other is an idle connection's to forget
        return request;
    }

    /** Returns true while bytes are kept and reading is paused. */
    boolean isPaused() {
        return unread != null;
    }

    /** Returns true if a message has begun and is not complete. */
    boolean isInsideMessage() {
        return reader.isInsideFrame();
    }

    /** Lets the time run for a message that has begun. */
    void watch() {
        timeout.watch();
    }

    /** Stops the time that a message may take. */
    void stopWatching() {
        timeout.stop();
    }

    /** Forgets what is kept: nothing further is read. */
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
