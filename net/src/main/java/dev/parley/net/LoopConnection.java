package dev.parley.net;

import dev.parley.net.core.IdleTimer;
import dev.parley.net.core.Nanos;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * One connection on an event loop. It never blocks, and only the loop's thread may call its methods: other threads call
 * them inside {@code loop().execute(…)}, since a direct call throws {@link IllegalStateException}. Any thread may call
 * the methods of {@link ConnectionInfo}, and the methods that say so.
 *
 * {@snippet :
 * loop.connect("tcp://localhost:65432", new Receiver() {
 *     @Override
 *     public void opened(LoopConnection connection) {
 *         connection.send("Hello, world".getBytes(StandardCharsets.UTF_8));
 *         connection.shutdownOutput(); // the peer reads the end after these bytes
 *     }
 *
 *     @Override
 *     public void bytes(LoopConnection connection, ByteBuffer bytes) {
 *         System.out.println(bytes.remaining() + " bytes came back");
 *     }
 *
 *     @Override
 *     public void closed(LoopConnection connection, CloseReason reason) {
 *         System.out.println(connection.closeText());
 *     }
 * });
 * }
 */
public final class LoopConnection extends ConnectionEnds implements CloseText.Told {
    private final EventLoop loop;

    /** The settings of TLS for a connect; null for those of the loop. */
    private final @Nullable Tls tls;

    private final @Nullable LoopListener listener;
    private final IdleTimer idle;
    private final ConnectionSink sink = new ConnectionSink(this);
    private Receiver receiver;

    /** The receiver of a connection that does not have its own yet. It drops all bytes. */
    static final Receiver NO_RECEIVER = (connection, bytes) -> bytes.position(bytes.limit());

    /** The number of held bytes that {@link MemoryAccount} has counted last. Only that class sets this field. */
    long countedBytes;

    private @Nullable ConnectRace connecting;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    private volatile @Nullable CloseReason closeReason;
    private volatile @Nullable Throwable closeCause;
    private final Attributes attributes = new Attributes();

    private final Output output;
    private final Input input = new Input(sink);

    // Closing.
    private Ending whenFlushed = Ending.LOCAL;
    private @Nullable Linger linger;
    private final Breakage breakage = new Breakage(this);
    private boolean isAbrupt;
    private @Nullable Ending whenConnected;

    private LoopConnection(
            EventLoop loop, Address asked, @Nullable Tls tls, @Nullable LoopListener listener, Receiver receiver) {
        super(asked);
        this.loop = loop;
        this.tls = tls;
        this.listener = listener;
        this.receiver = receiver;
        this.output = new Output(this);
        this.idle = new IdleTimer(Nanos.ofTimeout(loop.limits().idleTimeout()), sink);
    }

    /**
     * Creates a connection. Any thread may call this; {@link #startConnecting} is called afterwards on the loop's
     * thread.
     */
    static LoopConnection connecting(EventLoop loop, Address address, @Nullable Tls tls, Receiver receiver) {
        return new LoopConnection(loop, address, tls, null, receiver);
    }

    /** Creates the connection of a channel that was accepted; {@link #start} is called afterwards. */
    static LoopConnection accepted(LoopListener listener, Address address, Channel channel) {
        var connection = new LoopConnection(listener.loop(), address, null, listener, NO_RECEIVER);
        connection.channel = channel;
        return connection;
    }

    // Called by users.

    @Override
    public boolean accepted() {
        return listener != null;
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public ConcurrentMap<String, Object> attributes() {
        return attributes.map();
    }

    @Override
    public @Nullable CloseReason closeReason() {
        return closeReason;
    }

    /**
     * {@return the exception that closed the connection: of the system, of a callback, or given to {@link
     * #close(CloseReason, Throwable)}; null if there was none, or the connection has not closed} Any thread may call
     * this.
     */
    public @Nullable Throwable closeCause() {
        return closeCause;
    }

    /**
     * {@return why the connection closed, in words for people, with the limit that it exceeded; empty before the close}
     * Any thread may call this.
     */
    @Override
    public String closeText() {
        return CloseText.of(closeReason, loop.limits(), closeCause);
    }

    /** {@return the loop that the connection belongs to; any thread may call this} */
    public EventLoop loop() {
        return loop;
    }

    /** {@return the receiver that the next event goes to; call this method on the loop's thread} */
    public Receiver receiver() {
        return receiver;
    }

    /**
     * Replaces the receiver, for example by one that holds the state of this connection.
     *
     * @param next the new receiver, which is called from the next event on; {@code opened} is not called again
     */
    public void receiver(Receiver next) {
        loop.core().checkThread();
        receiver = next;
    }

    /**
     * {@return how many sent bytes are queued, because the system does not take them yet or the connection is not open
     * yet} Call this method on the loop's thread.
     */
    public long queuedBytes() {
        return output.queuedBytes();
    }

    /**
     * Sends the bytes; see {@link #send(ByteBuffer)}.
     *
     * @param bytes the bytes; the array may be reused when this method returns
     * @return true if fewer than {@link Limits#queuedBytesHigh} bytes are queued
     */
    public boolean send(byte[] bytes) {
        return send(ByteBuffer.wrap(bytes));
    }

    /**
     * Sends all the bytes. It writes as many as the system takes now, and copies the rest into a queue, from which they
     * are sent later. If {@link Limits#queuedBytesHigh} or more bytes are queued, an accepted connection is not read
     * until the queue is empty, so a peer that does not read our responses cannot make us queue without end. If {@link
     * Limits#queuedBytesMax} or more bytes are already queued, a send closes the connection with {@link
     * CloseReason#LIMIT}.
     *
     * @param bytes the bytes from the position to the limit; the buffer may be reused when this method returns
     * @return true if fewer than {@link Limits#queuedBytesHigh} bytes are queued; if false, send more only when {@link
     *     Receiver#writable} is called. After a close or {@link #reset}, this method
     *     sends nothing and returns false, even if earlier bytes are still queued. It also sends nothing and returns
     *     false if the connection is broken, which {@link Receiver#closed} reports
     * @throws IllegalStateException after {@link #shutdownOutput} on a connection that is open, or on another thread
     */
    public boolean send(ByteBuffer bytes) {
        return output.send(bytes);
    }

    /**
     * Sends as {@link #send(ByteBuffer)} does, but queues the buffers themselves instead of a copy of their bytes. If
     * the content is large, it is sent over several turns.
     *
     * @param parts the buffers, which are sent in order, each from its position to its limit; their content must not
     *     change any more
     * @return the same as {@link #send(ByteBuffer)}, which also documents the exception that this method throws
     */
    public boolean sendLent(ByteBuffer... parts) {
        return output.sendLent(parts);
    }

    /**
     * Sends a part of a file after all queued bytes. The transport {@code nio} does so without copying the bytes into
     * this process (sendfile(2)). The part counts as queued until the system has taken it. If it is not in the system's
     * cache, the loop's thread waits for the disk. If the file has become shorter, or cannot be read, the connection
     * closes with {@link CloseReason#FAILED}.
     *
     * @param region the part of the file, which is released when it was sent, or if it will never be sent
     * @return the same as {@link #send(ByteBuffer)}, which also documents the exception that this method throws
     */
    public boolean send(SendFile.Region region) {
        return output.send(region);
    }

    /**
     * Ends our direction as soon as all queued bytes are sent; the peer may still send (RFC 9293, section 3.6;
     * shutdown(2)). Calling it twice is harmless.
     */
    public void shutdownOutput() {
        loop.core().checkThread();
        if (state != ConnectionState.CLOSED && state != ConnectionState.CLOSING) {
            output.endWhenSent();
        }
    }

    /**
     * Closes the connection when all queued bytes are sent. The reason is {@link CloseReason#PEER} if the peer ended
     * its direction first, otherwise {@link CloseReason#LOCAL}. See {@link #close(CloseReason)}.
     */
    public void close() {
        close(input.closer());
    }

    /**
     * Closes the connection so that all bytes that were sent reach the peer, even if it is still sending. When the
     * queued bytes are sent, it ends our direction, and then reads and drops the bytes that arrive, until the peer ends
     * its direction too, or {@link Limits#lingerTimeout} or {@link Limits#lingerBytesMax} is reached. This method
     * returns at once; {@code closed} of the receiver is called at the end. Calling this method twice is harmless.
     *
     * <p>Without this lingering, the system answers what the peer still sends with a reset (RFC 9293, section 3.6.1),
     * and a reset destroys the bytes that the peer has not read yet. RFC 9112, section 9.6, asks HTTP servers to close
     * in the same way.
     *
     * @param reason the close reason, which is ignored if an earlier close has set one
     */
    public void close(CloseReason reason) {
        close(reason, null);
    }

    /**
     * Closes the connection as {@link #close(CloseReason)} does, and keeps an exception that says more about the
     * reason. {@link #closeCause} returns the exception, and {@link #closeText} may quote its message.
     *
     * @param reason the close reason, which is ignored if an earlier close has set one
     * @param cause the exception, which is ignored with the reason; null if there is none
     * @throws IllegalStateException on another thread
     */
    public void close(CloseReason reason, @Nullable Throwable cause) {
        loop.core().checkThread();
        if (closesBroken() || isClosingOrClosed()) {
            return;
        }
        Linger begun = input.hasEnded() ? null : new Linger(loop.core(), loop.limits());
        linger = begun;
        if (begun == null || state == ConnectionState.CONNECTING) {
            closeWithoutLingering(new Ending(reason, cause)); // it lingers all the same, if it is connected by then
            return;
        }
        state = ConnectionState.CLOSING;
        whenFlushed = new Ending(reason, cause);
        input.pausedByUser(false);
        if (queuedBytes() == 0) {
            linger(begun);
        }
    }

    /**
     * Closes the connection as soon as all queued bytes are sent; bytes that arrive are not read any more. Use it for a
     * peer that needs none of our last bytes: the descriptor is free at once. If the peer has sent bytes that were not
     * read, or sends more, the system sends it a reset, which may destroy what was sent; {@link #close()} avoids that.
     * {@code closed} is called after the callback that runs now has returned. Calling this method twice is harmless.
     *
     * @param reason the close reason, which is ignored if an earlier close has set one
     */
    public void closeWithoutLingering(CloseReason reason) {
        closeWithoutLingering(new Ending(reason, null));
    }

    private void closeWithoutLingering(Ending ending) {
        loop.core().checkThread();
        if (closesBroken()) {
            return;
        }
        if (state == ConnectionState.CONNECTING) {
            if (whenConnected == null) {
                whenConnected = ending;
            }
            if (queuedBytes() == 0) {
                finish(whenConnected);
            }
        } else if (state != ConnectionState.CLOSED && state != ConnectionState.CLOSING) {
            state = ConnectionState.CLOSING;
            whenFlushed = ending;
            input.update();
            if (queuedBytes() == 0) {
                finish(ending);
            }
        }
    }

    /**
     * Called by a close. Returns true if the connection is broken: what broke it also ends it, and sets the close
     * reason. What it still receives is then dropped.
     */
    private boolean closesBroken() {
        if (breakage.isBroken() && isEstablished()) {
            state = ConnectionState.CLOSING;
        }
        return breakage.isBroken();
    }

    private boolean isEstablished() {
        return state == ConnectionState.OPEN || state == ConnectionState.HALF_CLOSED;
    }

    /**
     * Closes at once and abruptly: queued bytes are lost, and a TCP peer gets a reset (RFC 9293, section 3.5.2;
     * SO_LINGER in socket(7)). The reason is {@link CloseReason#LOCAL}, or that of an earlier close that is not
     * finished.
     */
    public void reset() {
        loop.core().checkThread();
        Ending early = whenConnected == null ? Ending.LOCAL : whenConnected;
        isAbrupt = true;
        finish(state == ConnectionState.CLOSING ? whenFlushed : early);
    }

    /**
     * Stops reading until {@link #resumeReading} is called, so that full socket buffers hold the peer back. While
     * reading is paused, the idle timeout does not close the connection, because the silence is our own doing. The
     * peer's end of stream is not noticed either. Calling this method twice is harmless.
     */
    public void pauseReading() {
        loop.core().checkThread();
        input.pausedByUser(true);
    }

    /** Starts reading again. Calling this method while reading is not paused is harmless. */
    public void resumeReading() {
        loop.core().checkThread();
        idle.touch(loop.core().nowNanos());
        input.pausedByUser(false);
    }

    /**
     * Reports that the value of {@link Receiver#heldBytes} has changed for another reason than bytes that arrived, for
     * example because a request was handled. Call this method on the loop's thread, and also after the close as long as
     * the receiver still holds anything.
     */
    public void heldBytesChanged() {
        loop.core().checkThread();
        loop.memory().settleAndRelieve(this);
    }

    /** Returns the number of bytes that are held for this connection: by its output, its channel and its receiver. */
    long heldBytes() {
        return output.heldBytes() + input.channelHeldBytes() + receiver.heldBytes(this);
    }

    Output output() {
        return output;
    }

    Input input() {
        return input;
    }

    Breakage breakage() {
        return breakage;
    }

    @Nullable
    Channel channel() {
        return channel;
    }

    /** Returns the channel if the connection is not closed; null while there is none. */
    @Nullable
    Channel openChannel() {
        return state == ConnectionState.CLOSED ? null : channel;
    }

    boolean isLingering() {
        return linger != null;
    }

    /** Returns true after a close has begun, even if the connection is not open yet. */
    boolean isClosingOrClosed() {
        return state.compareTo(ConnectionState.CLOSING) >= 0 || whenConnected != null;
    }

    /**
     * Restarts the idle timeout, because bytes were sent or received. The writing thread of a blocking connection may
     * call this too.
     */
    void touch(long nowNanos) {
        idle.touch(nowNanos);
    }

    // Opening.

    /**
     * Sets the receiver before {@link #startConnecting} or {@link #start} is handed to the loop. Any thread may call
     * this.
     */
    void firstReceiver(Receiver first) {
        receiver = first;
    }

    void startConnecting() {
        if (loop.core().isClosing() || state != ConnectionState.CONNECTING) {
            finish(CloseReason.DRAIN, null);
            return;
        }
        loop.add(this);
        connecting = new ConnectRace(loop, this, asked, tls);
        connecting.start();
    }

    /**
     * Called when the idle timeout is over. If we do not read, or are working on a response, the silence is our own
     * doing, so the timeout starts again.
     */
    void silent() {
        boolean wasClosing = isClosingOrClosed();
        boolean ours = !wasClosing && (input.isHeldBackByUs() || receiver.isBusy() || receiver.idle(this));
        if (!ours) {
            finish(CloseReason.IDLE, null);
        } else if (state != ConnectionState.CLOSED) { // idle(…) may close the connection itself
            idle.start(loop.core().nowNanos());
        }
    }

    /** Opens an accepted connection. Returns the sink that its channel calls. */
    ChannelSink start(Receiver first) {
        receiver = first;
        loop.add(this);
        try {
            open();
        } catch (Throwable thrown) {
            sink.threw(thrown);
        }
        return sink;
    }

    /**
     * Returns the sink that the connection's channel calls. In a connect race, this is the channel of the first
     * attempt.
     */
    ConnectionSink sink() {
        return sink;
    }

    private void open() {
        state = ConnectionState.OPEN;
        idle.start(loop.core().nowNanos());
        if (whenConnected == null) {
            receiver.opened(this);
        } else {
            // The user closed the connection before it was open. Only the bytes that are queued by now are still sent.
            state = ConnectionState.CLOSING;
            whenFlushed = whenConnected;
        }
        input.update();
        output.flush();
    }

    // The channel calls these methods through a ConnectionSink, which catches the exceptions that they throw.

    void onFailed(ConnectionSink by, IOException cause) {
        if (connecting != null) {
            connecting.failed(by, cause);
        } else {
            breakage.channelFailed(cause, () -> by.failed(cause));
        }
    }

    void onConnected(ConnectionSink by) {
        Channel stands = connecting == null ? null : connecting.succeeded(by);
        if (stands != null) {
            channel = stands;
            connecting = null;
            loop.observer().connected(this);
            open();
        }
    }

    void onReceived(ByteBuffer bytes) {
        idle.touch(loop.core().nowNanos());
        if (loop.observer().seesTraffic()) {
            loop.observer().received(this, bytes.duplicate());
        }
        if (input.isProbing() || linger != null || state == ConnectionState.CLOSING) {
            drop(bytes.remaining());
            return;
        }
        receiver.bytes(this, bytes);
        loop.memory().settleAndRelieve(this);
    }

    /**
     * Drops received bytes. Bytes that arrive while our own last bytes are still queued do not count towards {@link
     * Limits#lingerBytesMax}.
     */
    private void drop(int bytes) {
        input.probed();
        if (linger != null && output.hasEnded() && linger.drop(bytes)) {
            finish(whenFlushed);
        }
    }

    void onEnded() {
        if (state == ConnectionState.CLOSED || input.hasEnded()) {
            return; // an end that was put off, perhaps more than once; see DirectWrites
        }
        if (output.putsOff(sink::ended) || breakage.isEndOfReset()) {
            return;
        }
        input.end(!output.hasEnded());
        loop.observer().peerEnded(this);
        if (linger != null) {
            if (output.hasEnded()) {
                finish(whenFlushed);
            }
            return;
        }
        if (input.isProbing() || isClosingOrClosed()) {
            return;
        }
        state = ConnectionState.HALF_CLOSED;
        receiver.ended(this);
        if (output.hasEnded()) {
            finish(input.closer(), null);
        }
    }

    // Called by the output.

    /** Called when a close is under way and all queued bytes are sent. */
    void flushed() {
        if (linger != null) {
            linger(linger);
        } else {
            finish(whenFlushed);
        }
    }

    /** Called when our direction has ended. If a close is under way, it finishes by itself, with its own reason. */
    void outputEnded() {
        if (state == ConnectionState.CLOSING) {
            return;
        }
        if (input.hasEnded()) {
            finish(input.closer(), null);
        } else if (state == ConnectionState.OPEN) {
            state = ConnectionState.HALF_CLOSED;
        }
    }

    private void linger(Linger begun) {
        output.end();
        if (input.hasEnded()) {
            finish(whenFlushed);
        } else if (state != ConnectionState.CLOSED && !breakage.isBroken()) {
            begun.start(() -> finish(whenFlushed));
        }
    }

    /**
     * Requests a call of {@link Receiver#writable} as soon as the system has taken all queued bytes. Call this method
     * on the loop's thread.
     */
    public void notifyWhenWritable() {
        output.notifyWhenWritable();
    }

    // Closing.

    /** Closes the connection abruptly: the peer gets a reset, and the kernel keeps no bytes for the peer. */
    void abort(CloseReason reason, @Nullable Throwable cause) {
        isAbrupt = true;
        finish(reason, cause);
    }

    private void finish(Ending ending) {
        finish(ending.reason(), ending.cause());
    }

    /**
     * Closes the connection at once, from any state: every close ends in this method. Called on the loop's thread;
     * calling it twice is harmless.
     */
    void finish(CloseReason reason, @Nullable Throwable cause) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        closeCause = cause;
        closeReason = reason;
        state = ConnectionState.CLOSED;
        try {
            leave();
        } finally {
            // Report the end even if the rest fails for lack of memory, because a thread may wait for the end.
            loop.core().deferEnd(sink);
        }
    }

    private void leave() {
        try {
            if (connecting != null) {
                connecting.end();
                connecting = null;
            }
        } finally {
            // If some output was not sent, the peer gets a reset, so that it does not take a part of the bytes for all.
            Channel open = channel;
            if (open != null && (isAbrupt || output.isUnfinished())) {
                open.reset();
            } else if (open != null) {
                open.close();
            }
        }
        idle.cancel();
        output.release();
        if (linger != null) {
            linger.cancel();
        }
        loop.remove(this);
        loop.memory().forget(this);
        if (listener != null) {
            listener.closed(this);
        }
    }

    /** Reports the end of the connection; see {@link ConnectionSink#report}. */
    void notifyEnded() {
        CloseReason reason = Objects.requireNonNull(closeReason);
        loop.observer().closed(this, reason, closeCause);
        sink.notifyClosed(receiver, reason);
        heldBytesChanged();
    }

    @Override
    public String toString() {
        return "connection " + id() + " with " + peerText() + " (" + state + ")";
    }
}
