package dev.parley.net;

import dev.parley.net.core.IdleTimer;
import dev.parley.net.core.Nanos;
import dev.parley.net.core.TaskQueue;
import dev.parley.net.text.SafeText;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection on an event loop. It never blocks, and belongs to the loop's thread: other threads reach it with
 * {@code loop().execute(…)}, and a direct call from one of them throws {@link IllegalStateException}. The methods of
 * {@link ConnectionInfo} may be called by any thread.
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
public final class LoopConnection implements ConnectionInfo, CloseText.Told {
    private static final AtomicLong IDS = new AtomicLong();

    private final EventLoop loop;
    private final long id = IDS.incrementAndGet();
    private final Address asked;
    private final @Nullable LoopListener listener;
    private final IdleTimer idle;
    private final ConnectionSink sink = new ConnectionSink(this);
    private Receiver receiver;

    /** The receiver until the connection has its own. */
    static final Receiver NO_RECEIVER = (connection, bytes) -> bytes.position(bytes.limit());

    /** It is made with the connection, so that the end is reported even if the heap is full by then. */
    private final TaskQueue.End end = new TaskQueue.End(this::tellEnded);

    /** The bytes that were last reported to {@link MemoryAccount}, which owns this field. */
    long countedBytes;

    private @Nullable ConnectRace connecting;
    private volatile @Nullable Channel channel;
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    private volatile @Nullable CloseReason closeReason;
    private volatile @Nullable Throwable closeCause;

    private final Output output;
    private final Input input = new Input(sink);

    // Closing.
    private CloseReason reasonWhenFlushed = CloseReason.LOCAL;
    private @Nullable Linger linger;
    private final Breakage breakage = new Breakage(this);
    private boolean isAbrupt;
    private @Nullable CloseReason closeWhenConnected;

    private LoopConnection(EventLoop loop, Address asked, @Nullable LoopListener listener, Receiver receiver) {
        this.loop = loop;
        this.asked = asked;
        this.listener = listener;
        this.receiver = receiver;
        this.output = new Output(this);
        this.idle = new IdleTimer(Nanos.ofTimeout(loop.limits().idleTimeout()), sink);
    }

    /** Makes a connection on any thread; {@link #startConnecting} follows on the loop's. */
    static LoopConnection connecting(EventLoop loop, Address address, Receiver receiver) {
        return new LoopConnection(loop, address, null, receiver);
    }

    /** Makes the connection of a channel that was accepted; {@link #start} follows. */
    static LoopConnection accepted(LoopListener listener, Address address, Channel channel) {
        var connection = new LoopConnection(listener.loop(), address, listener, NO_RECEIVER);
        connection.channel = channel;
        return connection;
    }

    // What users call.

    @Override
    public long id() {
        return id;
    }

    @Override
    public boolean accepted() {
        return listener != null;
    }

    @Override
    public Address localAddress() {
        Channel current = channel;
        return current == null ? asked : Address.of(current.localAddress());
    }

    @Override
    public Address peerAddress() {
        Channel current = channel;
        return current == null ? asked : Address.of(current.peerAddress());
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public @Nullable CloseReason closeReason() {
        return closeReason;
    }

    /** {@return what the system or a callback threw when it closed; null if neither did, or it is open} Any thread. */
    public @Nullable Throwable closeCause() {
        return closeCause;
    }

    /** {@return why it closed, in words for people, with the limit that it met; empty before the close} Any thread. */
    @Override
    public String closeText() {
        CloseReason reason = closeReason;
        return reason == null ? "" : CloseText.of(reason, loop.limits(), closeCause);
    }

    /** {@return the loop that it belongs to; any thread} */
    public EventLoop loop() {
        return loop;
    }

    /**
     * Replaces the receiver, for example by one that holds the state of this connection.
     *
     * @param next is called from the next event on, but not with {@code opened} again
     */
    public void receiver(Receiver next) {
        loop.core().checkThread();
        receiver = next;
    }

    /** {@return how many bytes wait because the peer, or the connect, is slower than we are} On the loop's thread. */
    public long queuedBytes() {
        return output.queuedBytes();
    }

    /**
     * Sends the bytes; see {@link #send(ByteBuffer)}.
     *
     * @param bytes may be reused when this returns
     * @return true if less than {@link Limits#queuedBytesHigh} is queued
     */
    public boolean send(byte[] bytes) {
        return send(ByteBuffer.wrap(bytes));
    }

    /**
     * Sends all the bytes: at once as many as the system takes, and the rest from a queue that copies them. While the
     * queue holds {@link Limits#queuedBytesHigh} or more, an accepted connection is not read, so a peer that does not
     * read our responses cannot make us queue without end. If it holds {@link Limits#queuedBytesMax}, a send closes the
     * connection with {@link CloseReason#LIMIT}.
     *
     * @param bytes from its position to its limit; may be reused when this returns
     * @return true if less than {@link Limits#queuedBytesHigh} is queued; if false, go on when {@link
     *     Receiver#writable} is called. Also false, and nothing is sent, after {@link #close}, {@link #closeLingering}
     *     or {@link #reset}, whatever is still queued, and when the connection is broken, which {@link Receiver#closed}
     *     reports
     * @throws IllegalStateException after {@link #shutdownOutput} on a connection that is open, or on another thread
     */
    public boolean send(ByteBuffer bytes) {
        return output.send(bytes);
    }

    /**
     * Sends as {@link #send(ByteBuffer)} does, but does not copy what waits; large content is sent over several turns.
     *
     * @param parts one after another, each from its position to its limit; no one may change them any more
     * @return as {@link #send(ByteBuffer)}, which also says when this throws
     */
    public boolean sendLent(ByteBuffer... parts) {
        return output.sendLent(parts);
    }

    /**
     * Sends a part of a file behind all queued bytes; over {@code nio} without a copy in this process (sendfile(2)). It
     * counts as queued until the system has taken it. The loop's thread reads from the disk what is not in the system's
     * cache. If the file has become shorter, the connection closes with {@link CloseReason#FAILED}.
     *
     * @param region is released when it was sent, or never will be
     * @return as {@link #send(ByteBuffer)}, which also says when this throws
     */
    public boolean send(FileRegion region) {
        return output.send(region);
    }

    /**
     * Ends our direction when all queued bytes are sent; the peer may still send (RFC 9293, section 3.6; shutdown(2)).
     * Calling it twice is harmless.
     */
    public void shutdownOutput() {
        loop.core().checkThread();
        if (state != ConnectionState.CLOSED && state != ConnectionState.CLOSING) {
            output.endWhenSent();
        }
    }

    /**
     * Closes when all queued bytes are sent; what arrives is not read any more. The reason is {@link CloseReason#PEER}
     * if the peer ended first, otherwise {@link CloseReason#LOCAL}. {@code closed} is called after the callback under
     * way has returned. Calling it twice is harmless. If bytes of the peer were not read, the system sends it a reset:
     * see {@link #closeLingering}.
     */
    public void close() {
        close(input.closer());
    }

    /**
     * Closes as {@link #close()} does, for a reason of the layer above.
     *
     * @param reason is reported, unless an earlier close has set one
     */
    public void close(CloseReason reason) {
        loop.core().checkThread();
        if (breakage.isBroken()) {
            return; // it ends with the reason that broke it
        }
        if (state == ConnectionState.CONNECTING) {
            closeWhenConnected = reason;
            if (queuedBytes() == 0) {
                finish(reason, null);
            }
        } else if (state != ConnectionState.CLOSED && state != ConnectionState.CLOSING) {
            state = ConnectionState.CLOSING;
            reasonWhenFlushed = reason;
            input.update();
            if (queuedBytes() == 0) {
                finish(reason, null);
            }
        }
    }

    /**
     * Closes so that our last bytes reach a peer that is still sending: ends our direction, then reads and drops what
     * comes until the peer ends too, or {@link Limits#lingerTimeout} or {@link Limits#lingerBytesMax} is reached. A
     * plain close would respond to the bytes on their way with a reset (RFC 9293, section 3.6.1), and a reset destroys
     * what the peer has not read yet; RFC 9112, section 9.6, asks the same of HTTP servers. Returns at once.
     *
     * @param reason is reported, unless an earlier close has set one
     */
    public void closeLingering(CloseReason reason) {
        loop.core().checkThread();
        if (breakage.isBroken()) {
            return;
        }
        if (input.hasEnded() || state == ConnectionState.CONNECTING) {
            close(reason);
        } else if (state != ConnectionState.CLOSED && state != ConnectionState.CLOSING) {
            state = ConnectionState.CLOSING;
            reasonWhenFlushed = reason;
            linger = new Linger(loop.core(), loop.limits());
            input.pausedByUser(false);
            if (queuedBytes() == 0) {
                linger(linger);
            }
        }
    }

    /**
     * Closes at once and abruptly: queued bytes are lost, and a TCP peer gets a reset (RFC 9293, section 3.5.2;
     * SO_LINGER in socket(7)). The reason is {@link CloseReason#LOCAL}.
     */
    public void reset() {
        loop.core().checkThread();
        abort(CloseReason.LOCAL, null);
    }

    /**
     * Stops reading until {@link #resumeReading}: the peer is held back by its full socket buffers. Meanwhile its
     * silence is our own, and the idle timeout does not end it. Its end of stream is not noticed either. Calling it
     * twice is harmless.
     */
    public void pauseReading() {
        loop.core().checkThread();
        input.pausedByUser(true);
    }

    /** Reads again. It is harmless if reading was not paused. */
    public void resumeReading() {
        loop.core().checkThread();
        idle.touch(loop.core().nowNanos());
        input.pausedByUser(false);
    }

    /**
     * Reports that the value of {@link Receiver#heldBytes} has changed, other than by bytes that arrived: a request was
     * handled, or a reader took something. On the loop's thread; also after the close, as long as anything is held.
     */
    public void heldBytesChanged() {
        loop.core().checkThread();
        loop.memory().settleAndRelieve(this);
    }

    /** Returns the bytes held for its peer: those that wait to be sent, and those that its receiver still holds. */
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
        return state.compareTo(ConnectionState.CLOSING) >= 0 || closeWhenConnected != null;
    }

    /** Notes a sign of life, which puts the idle timeout off; also on the thread of a blocking view's write. */
    void touch(long nowNanos) {
        idle.touch(nowNanos);
    }

    // Opening.

    /** Sets the receiver before {@link #startConnecting} is handed over, or {@link #start}; any thread. */
    void firstReceiver(Receiver first) {
        receiver = first;
    }

    void startConnecting() {
        if (loop.core().isClosing() || state != ConnectionState.CONNECTING) {
            finish(CloseReason.DRAIN, null);
            return;
        }
        loop.add(this);
        connecting = new ConnectRace(loop, this, asked);
        connecting.start();
    }

    /** The idle timeout is over. While we do not read, or work on a response, the silence is our own. */
    void silent() {
        boolean ours = input.isHeldBackByUs() || receiver.isBusy() || receiver.idle(this);
        if (ours && state != ConnectionState.CLOSING) {
            idle.start(loop.core().nowNanos());
        } else {
            finish(CloseReason.IDLE, null);
        }
    }

    /** Opens an accepted connection, and returns the sink that its channel calls. */
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

    /** Returns the sink that its channel calls: in a connect race, the channel of the first attempt. */
    ConnectionSink sink() {
        return sink;
    }

    private void open() {
        state = ConnectionState.OPEN;
        idle.start(loop.core().nowNanos());
        if (closeWhenConnected == null) {
            receiver.opened(this);
        } else {
            state = ConnectionState.CLOSING; // closed before it was open: only what was sent by then still goes out
            reasonWhenFlushed = closeWhenConnected;
        }
        input.update();
        output.flush();
    }

    // The channel calls these methods through a ConnectionSink, which catches what they throw.

    void onFailed(ConnectionSink by, IOException cause) {
        if (connecting != null) {
            connecting.failed(by, cause);
        } else {
            finish(CloseReason.RESET, cause);
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
        if (input.isProbing() || linger != null) {
            drop(bytes.remaining());
            return;
        }
        receiver.bytes(this, bytes);
        loop.memory().settleAndRelieve(this);
    }

    /** Drops bytes that are not wanted. What arrives while our own last bytes are still queued does not count. */
    private void drop(int bytes) {
        input.probed();
        if (linger != null && output.hasEnded() && linger.drop(bytes)) {
            finish(reasonWhenFlushed, null);
        }
    }

    void onEnded() {
        if (output.directWrites().putsOffTheEnd()) {
            return;
        }
        IOException reset = breakage.resetTold();
        if (reset != null) {
            finish(CloseReason.RESET, reset); // the system reports a reset once; a later read gets the end
            return;
        }
        input.end(!output.hasEnded());
        loop.observer().peerEnded(this);
        if (linger != null) {
            if (output.hasEnded()) {
                finish(reasonWhenFlushed, null);
            }
            return;
        }
        if (input.isProbing()) {
            return;
        }
        state = ConnectionState.HALF_CLOSED;
        receiver.ended(this);
        if (output.hasEnded()) {
            finish(input.closer(), null);
        }
    }

    // What the output reports.

    /** A close is under way, and everything is sent. */
    void flushed() {
        if (linger != null) {
            linger(linger);
        } else {
            finish(reasonWhenFlushed, null);
        }
    }

    /** Our direction has ended; a close that is under way has its own reason. */
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
            finish(reasonWhenFlushed, null);
        } else if (state != ConnectionState.CLOSED && !breakage.isBroken()) {
            begun.start(() -> finish(reasonWhenFlushed, null));
        }
    }

    Receiver receiver() {
        return receiver;
    }

    /** Asks for {@link Receiver#writable} when the system has taken what is queued; on the loop's thread. */
    public void tellWhenWritable() {
        output.tellWhenWritable();
    }

    // Closing.

    /** Closes abruptly: the peer gets a reset, and the kernel keeps no bytes for it. */
    void abort(CloseReason reason, @Nullable Throwable cause) {
        isAbrupt = true;
        finish(reason, cause);
    }

    /** Closes it from any state: every close ends here. On the loop's thread; twice is harmless. */
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
            loop.core().deferEnd(end); // even if all else fails for lack of memory: someone may wait for it
        }
    }

    private void leave() {
        try {
            if (connecting != null) {
                connecting.end();
                connecting = null;
            }
        } finally {
            Channel open = channel;
            if (open != null) {
                leave(open);
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

    /** A peer that gets a part of what we had for it must not take the part for the whole. */
    private void leave(Channel open) {
        if (isAbrupt || output.isUnfinished()) {
            open.reset();
        } else {
            open.close();
        }
    }

    private void tellEnded() {
        CloseReason reason = Objects.requireNonNull(closeReason);
        loop.observer().closed(this, reason, closeCause);
        try {
            receiver.closed(this, reason);
        } catch (Throwable thrown) {
            sink.tellThrown(" threw in closed", thrown);
        }
        heldBytesChanged();
    }

    @Override
    public String toString() {
        return "connection " + id + " with " + SafeText.line(peerAddress()) + " (" + state + ")";
    }
}
