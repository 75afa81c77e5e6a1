package dev.parley.net;

import dev.parley.net.core.LoopCore;
import dev.parley.net.text.SafeText;
import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sending direction of a connection: it writes to the channel, queues the bytes that the system does not take yet,
 * pauses reading while too many are queued, and ends the direction after them. Used only on the loop's thread, except
 * for {@link #wroteDirectly}.
 */
final class Output implements PendingOutput.Context {
    private final LoopConnection connection;
    private final EventLoop loop;
    private @Nullable PendingOutput pending;
    private @Nullable DirectWrites directWrites;
    private boolean endWanted;
    private boolean ended;

    Output(LoopConnection connection) {
        this.connection = connection;
        loop = connection.loop();
    }

    // The queued bytes.

    /**
     * Returns how many sent bytes are queued, because the system does not take them yet or the connection is not open
     * yet.
     */
    long queuedBytes() {
        return pending == null ? 0 : pending.queuedBytes();
    }

    /** Returns how much memory the queued bytes take. */
    long heldBytes() {
        return pending == null ? 0 : pending.heldBytes();
    }

    private PendingOutput pending() {
        PendingOutput now = pending;
        if (now == null) {
            now = new PendingOutput(this);
            pending = now;
        }
        return now;
    }

    /** Returns the channel that a send may write to; null before the connection is open. */
    private @Nullable Channel writableChannel() {
        return connection.state() == ConnectionState.CONNECTING ? null : connection.channel();
    }

    // Sending.

    /** Sends bytes; see {@link LoopConnection#send(ByteBuffer)}. */
    boolean send(ByteBuffer bytes) {
        if (!maySend()) {
            return false;
        }
        if (!bytes.hasRemaining()) {
            return queuedBytes() < loop.limits().queuedBytesHigh();
        }
        Channel open = writableChannel();
        boolean wasEmpty = queuedBytes() == 0;
        if (wasEmpty && open != null) {
            int start = bytes.position();
            try {
                if (open.write(bytes) > 0) {
                    connection.touch(loop.core().nowNanos());
                    GuardedObserver.notifySent(loop.observer(), connection, bytes, start);
                }
            } catch (IOException e) {
                connection.breakage().later(e);
                return false;
            }
            if (!bytes.hasRemaining()) {
                return true;
            }
        }
        return enqueued(pending().add(bytes), wasEmpty);
    }

    /** Sends bytes without a copy; see {@link LoopConnection#sendLent}. */
    boolean sendLent(ByteBuffer[] parts) {
        if (!maySend()) {
            return false;
        }
        Channel open = writableChannel();
        boolean wasEmpty = queuedBytes() == 0;
        IOException refused = pending().addLent(parts);
        if (wasEmpty && open != null) {
            try {
                writeQueued(open);
            } catch (IOException e) {
                connection.breakage().later(e);
                return false;
            }
        }
        return enqueued(refused, wasEmpty && queuedBytes() > 0);
    }

    /** Sends a part of a file; see {@link LoopConnection#send(SendFile.Region)}. */
    boolean send(SendFile.Region region) {
        if (!region.mayBeSent(this::maySend)) {
            return false;
        }
        IOException full = pending().add(region);
        if (full != null) {
            region.release();
            connection.breakage().later(CloseReason.LIMIT, full);
            return false;
        }
        if (connection.state() != ConnectionState.CONNECTING) {
            loop.defer(connection.sink()::writable);
        }
        return hasRoom();
    }

    private boolean maySend() {
        loop.core().checkThread();
        if (connection.isClosingOrClosed() || connection.breakage().isBroken()) {
            return false;
        }
        if (endWanted) {
            throw new IllegalStateException(
                    "send after shutdownOutput on the connection with " + SafeText.line(connection.peerAddress()));
        }
        return true;
    }

    private boolean enqueued(@Nullable IOException refused, boolean mustWatch) {
        if (refused != null) {
            connection.breakage().later(CloseReason.LIMIT, refused);
            return false;
        }
        Channel open = writableChannel();
        if (mustWatch && open != null) {
            pending().awaitWritable(open);
        }
        connection.heldBytesChanged();
        return hasRoom();
    }

    /**
     * Returns true if more bytes may be sent. If too much is queued, this method returns false, and pauses reading from
     * an accepted peer until everything is sent. The connection may be closed by now, for lack of memory.
     */
    private boolean hasRoom() {
        boolean isOpen = connection.state() != ConnectionState.CLOSED;
        if (isOpen && queuedBytes() < loop.limits().queuedBytesHigh()) {
            return true;
        }
        pending().notifyWhenDrained();
        if (connection.accepted()) {
            connection.input().pausedByQueue(true);
        }
        return false;
    }

    private void writeQueued(Channel open) throws IOException {
        if (pending().writeTo(open)) {
            connection.touch(loop.core().nowNanos());
        }
    }

    /** Sends the queued bytes. Called when the channel takes bytes again, or has just opened. */
    @Override
    public void flush() {
        Channel open = connection.openChannel();
        if (open == null || connection.breakage().isBroken()) {
            return;
        }
        if (queuedBytes() > 0) {
            try {
                writeQueued(open);
            } catch (IOException e) {
                connection.breakage().now(e);
                return;
            }
            connection.heldBytesChanged();
            if (queuedBytes() > 0) {
                pending().awaitWritable(open);
                return;
            }
        }
        drained();
    }

    /**
     * Called when nothing is queued any more. Continues the actions that waited for this: reading, the end of our
     * direction, a close, and the notification that the output is writable.
     */
    private void drained() {
        Channel open = connection.openChannel();
        if (open == null) {
            return;
        }
        if (pending != null) {
            pending.stopWaiting(open);
        }
        connection.input().pausedByQueue(false);
        if (endWanted && !ended) {
            end();
        }
        if (connection.state() == ConnectionState.CLOSING) {
            connection.flushed();
        } else if (takeTellWhenDrained()) {
            connection.receiver().writable(connection);
        }
    }

    private boolean takeTellWhenDrained() {
        return pending != null && connection.state() != ConnectionState.CLOSED && pending.takeTellWhenDrained();
    }

    /** Requests a call of {@link Receiver#writable} as soon as the system has taken all queued bytes. */
    void notifyWhenWritable() {
        loop.core().checkThread();
        Channel open = connection.openChannel();
        if (open != null) {
            pending().notifyWhenDrained();
            pending().awaitWritable(open);
        } else if (connection.state() == ConnectionState.CONNECTING) {
            pending().notifyWhenDrained(); // drained() follows the connect
        }
    }

    // The methods for a blocking connection.

    /**
     * Returns the object through which a blocking {@link Connection} writes to the channel, on the thread of the
     * writer. Called once for such a connection, before it is open.
     */
    DirectWrites beginDirectWrites() {
        var begun = new DirectWrites(connection);
        directWrites = begun;
        return begun;
    }

    /** Returns true if a direct write is under way; see {@link DirectWrites#putsOff}. */
    boolean putsOff(Runnable again) {
        return directWrites != null && directWrites.putsOff(again);
    }

    /** Called when a blocking {@link Connection} has written bytes. Called on the thread that has written them. */
    void wroteDirectly(ByteBuffer bytes, int start) {
        long nowNanos = loop.responsiveNanos();
        connection.touch(nowNanos);
        PendingOutput waiting = pending;
        if (waiting != null) {
            waiting.progressed(nowNanos);
        }
        GuardedObserver.notifySent(loop.observer(), connection, bytes, start);
    }

    // The end of the direction.

    /** Ends our direction as soon as nothing is queued any more. */
    void endWhenSent() {
        if (endWanted || putsOff(connection::shutdownOutput)) {
            return;
        }
        endWanted = true;
        if (isDirectWriteUnfinished()) {
            connection.abort(CloseReason.LOCAL, null); // the peer must not take a part of a write for all of it
            return;
        }
        if (connection.state() != ConnectionState.CONNECTING && queuedBytes() == 0) {
            end();
        }
    }

    /** Ends our direction at once; queued bytes are lost. */
    void end() {
        Channel open = connection.channel();
        if (open == null || ended) {
            return;
        }
        ended = true;
        try {
            open.shutdownOutput();
        } catch (IOException e) {
            connection.breakage().later(CloseReason.RESET, e);
            return;
        }
        loop.observer().outputEnded(connection);
        connection.outputEnded();
    }

    boolean hasEnded() {
        return ended;
    }

    /** Returns true if a close now would cut off bytes that the peer has not got yet. */
    boolean isUnfinished() {
        return queuedBytes() > 0 || isDirectWriteUnfinished();
    }

    /** Returns the buffers to the loop, because the connection is over. */
    void release() {
        if (pending != null) {
            pending.release();
        }
    }

    // The methods that the pending output calls.

    @Override
    public LoopCore core() {
        return loop.core();
    }

    @Override
    public Limits limits() {
        return loop.limits();
    }

    @Override
    public BufferPool buffers() {
        return loop.buffers();
    }

    @Override
    public @Nullable Channel channel() {
        return connection.channel();
    }

    @Override
    public boolean seesTraffic() {
        return loop.observer().seesTraffic();
    }

    @Override
    public void sent(ByteBuffer bytes) {
        loop.observer().sent(connection, bytes);
    }

    @Override
    public boolean isDirectWriteUnfinished() {
        return directWrites != null && directWrites.isUnfinished();
    }

    @Override
    public boolean tryDirectWriteAgain() {
        boolean waits = takeTellWhenDrained();
        if (waits) {
            connection.receiver().writable(connection);
        }
        return waits && directWrites != null && directWrites.askedAgain();
    }

    @Override
    public void stalled(@Nullable IOException unsent) {
        connection.abort(CloseReason.WRITE_TIMEOUT, unsent);
    }

    @Override
    public void threw(Throwable thrown) {
        connection.sink().threw(thrown);
    }
}
