package dev.parley.net.framing;

import dev.parley.net.ConnectionState;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A receiver whose connection's bytes are cut into frames. Each connection needs a receiver of its own, since it keeps
 * the bytes of an incomplete frame, at most {@link Framer#unreadBytesMax}; they count against the {@link
 * dev.parley.net.MemoryCap} of the loop. If a second connection uses it, {@link #bytes} throws, which closes that
 * connection. Every method is called on the loop's thread, and must not block.
 *
 * {@snippet :
 * final class Session extends FrameReceiver {
 *     static final Framer LINES = Framer.lines(1_000);
 *
 *     Session() {
 *         super(LINES);
 *     }
 *
 *     @Override
 *     protected void frame(LoopConnection connection, ByteBuffer line) {
 *         connection.send(LINES.encode("you said " + StandardCharsets.UTF_8.decode(line)));
 *     }
 *
 *     @Override
 *     protected void badFrame(LoopConnection connection, FramingException bad) {
 *         connection.send(LINES.encode("ERROR " + bad.getMessage()));
 *     }
 * }
 *
 * loop.listen("tcp://localhost:0", connection -> new Session());
 * }
 */
public abstract class FrameReceiver implements Receiver {
    private final UnreadBytes unread;

    /** The connection whose bytes are cut; null before its first bytes. */
    private @Nullable LoopConnection own;

    /**
     * Creates the receiver of one connection.
     *
     * @param framer says where each frame ends
     */
    protected FrameReceiver(Framer framer) {
        unread = new UnreadBytes(Objects.requireNonNull(framer));
    }

    /**
     * Returns the receiver of one connection that calls a function for each frame.
     *
     * @param framer says where each frame ends
     * @param each called with the connection and the frame, as {@link #frame} is
     * @return a new receiver, for one connection alone: {@code loop.listen(address, connection ->
     *     FrameReceiver.of(framer, each))}
     */
    public static FrameReceiver of(Framer framer, BiConsumer<LoopConnection, ByteBuffer> each) {
        Objects.requireNonNull(each);
        return new FrameReceiver(framer) {
            @Override
            protected void frame(LoopConnection connection, ByteBuffer frame) {
                each.accept(connection, frame);
            }
        };
    }

    /**
     * Called for each frame, in order. After a close of the connection, it is not called again. If it replaces the
     * receiver of the connection, the bytes that follow the frame go to the new receiver. Frames that have arrived
     * together are all passed, even if this method calls {@link LoopConnection#pauseReading}: one read may bring
     * thousands of short frames. If the answers are long, send them from this method as they grow, instead of
     * collecting all of them; then {@link dev.parley.net.Limits#queuedBytesMax} bounds their memory.
     *
     * @param connection the connection whose peer sent the frame
     * @param frame the content of the frame, without its length or delimiter; it may be empty. The buffer is read-only,
     *     big-endian, and valid during the call
     */
    protected abstract void frame(LoopConnection connection, ByteBuffer frame);

    /**
     * Called if the peer sends a frame that is not allowed, or ends its direction inside a frame. A protocol that has
     * an error message sends it here. By default, this does nothing. After this call, the connection closes with the
     * exception's {@link FramingException#closeReason}, unless this method has closed it with another reason. The
     * exception is then its {@link LoopConnection#closeCause}.
     *
     * @param connection the connection, of which no further bytes are read
     * @param bad says what was seen and what is allowed
     */
    protected void badFrame(LoopConnection connection, FramingException bad) {}

    /**
     * Called after the frames that have arrived together were passed to {@link #frame}, and before {@link #badFrame}. A
     * protocol that answers many short frames collects short answers in {@code frame}, and sends them here in one
     * piece. It is not called after a close, or after a frame that has replaced the receiver. By default, this does
     * nothing.
     *
     * @param connection the connection, which is open
     */
    protected void readComplete(LoopConnection connection) {}

    /**
     * Cuts the bytes into frames.
     *
     * @throws IllegalStateException if the receiver has cut bytes of another connection; with a part of a frame of
     *     each, it would mix the bytes of two peers
     */
    @Override
    public final void bytes(LoopConnection connection, ByteBuffer bytes) {
        if (own == null) {
            own = connection;
        } else if (!own.equals(connection)) {
            throw new IllegalStateException("each connection needs a FrameReceiver of its own: listen with a function"
                    + " that makes one, listen(address, connection -> ...), and make a new one for each connect");
        }
        FramingException bad = null;
        try {
            passFrames(connection, bytes);
        } catch (FramingException thrown) {
            bad = thrown;
        }
        if (!equals(connection.receiver())) {
            passOn(connection, bytes);
            return;
        }
        if (isOpen(connection)) {
            readComplete(connection);
        }
        if (bad != null) {
            refuse(connection, bad);
        }
    }

    /** Passes all whole frames, until one of them closes the connection or replaces the receiver. */
    private void passFrames(LoopConnection connection, ByteBuffer bytes) throws FramingException {
        ByteBuffer frame = unread.next(bytes);
        while (frame != null) {
            frame(connection, frame);
            frame = isOpen(connection) && equals(connection.receiver()) ? unread.next(bytes) : null;
        }
    }

    private static boolean isOpen(LoopConnection connection) {
        return connection.state().compareTo(ConnectionState.CLOSING) < 0;
    }

    /** Passes the bytes that follow a frame to the receiver that has taken this one's place. */
    private void passOn(LoopConnection connection, ByteBuffer bytes) {
        ByteBuffer rest = unread.rest();
        unread.drop();
        if (rest.hasRemaining() && isOpen(connection)) {
            connection.receiver().bytes(connection, rest);
        }
        if (bytes.hasRemaining() && isOpen(connection)) {
            connection.receiver().bytes(connection, bytes);
        }
    }

    private void refuse(LoopConnection connection, FramingException bad) {
        unread.drop();
        badFrame(connection, bad);
        connection.close(bad.closeReason(), bad);
    }

    /**
     * Called once, when the peer has ended its direction. If that was inside a frame, {@link #badFrame} is called.
     * Otherwise the connection closes when all queued bytes are sent. A subclass that overrides this method, for
     * example to go on sending, calls {@link #isInsideFrame} to tell the two apart.
     */
    @Override
    public void ended(LoopConnection connection) {
        if (isInsideFrame()) {
            refuse(connection, FramingException.truncated(unread.count()));
        } else {
            connection.close();
        }
    }

    /** {@return whether a part of a frame has arrived, and its end has not} */
    protected final boolean isInsideFrame() {
        return unread.count() > 0;
    }

    /**
     * {@return the number of bytes that are kept of an incomplete frame} A subclass that holds more adds it to this.
     */
    @Override
    public long heldBytes(LoopConnection connection) {
        return unread.heldBytes();
    }
}
