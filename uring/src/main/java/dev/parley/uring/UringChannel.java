package dev.parley.uring;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.PeerCredentials;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection over io_uring, and its descriptor. It receives with {@link Receives}, and sends with {@link Sends}.
 * In a turn, the bytes that have arrived are passed on before the sink learns that it may write. The descriptor is
 * closed one turn after the last bytes were handed to the kernel, so that they are sent. Used on the loop's thread,
 * except for {@link #write}, which other threads may call.
 */
final class UringChannel extends RingHandle implements Channel {
    private final UringCore core;
    private final PeerName peer;
    private final boolean hasResets;
    private final DirectWriters.Place place;
    private final Sends sends;
    private final Receives receives;
    private SocketAddress local;
    private @Nullable ChannelSink sink;

    /**
     * The socket's descriptor; negative after it was closed. Set by the loop's thread, which holds the monitor of
     * {@link #place} when it closes the descriptor.
     */
    private int descriptor;

    private boolean connecting;
    private boolean connectedAtOnce;

    private boolean wantsWrite;
    private boolean awaitingRoom;
    private volatile boolean roomNeeded;

    private boolean attends;
    private boolean closed;

    /** The bytes that are still sent after the close, when the sends before them are over; null if there are none. */
    private @Nullable ByteBuffer last;

    private boolean resetting;

    private UringChannel(UringCore core, int descriptor, SocketAddress local, PeerName peer, boolean hasResets) {
        this.core = core;
        this.descriptor = descriptor;
        this.local = local;
        this.peer = peer;
        this.hasResets = hasResets;
        sends = new Sends(this);
        receives = new Receives(this);
        DirectWriters writers = core.directWriters();
        core.enroll(this);
        place = writers.of((int) number());
    }

    /** Creates the channel of an accepted socket; {@link #attach} is called afterwards. */
    static UringChannel accepted(UringCore core, int descriptor, SocketAddress local, PeerName peer) {
        return new UringChannel(core, descriptor, local, peer, local instanceof InetSocketAddress);
    }

    static UringChannel connect(UringCore core, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
            throws IOException {
        int descriptor = core.sockets().open(endpoint, options);
        PeerName peer = PeerName.of(endpoint);
        UringChannel channel;
        try {
            if (endpoint instanceof UnixDomainSocketAddress unix) {
                core.sockets().connectNow(descriptor, unix);
                peer = PeerName.ofUnix(endpoint, core.sockets().peerCredentials(descriptor));
            }
            channel = new UringChannel(core, descriptor, endpoint, peer, endpoint instanceof InetSocketAddress);
        } catch (Throwable thrown) {
            core.sockets().close(descriptor);
            throw thrown;
        }
        channel.sink = sink;
        channel.connecting = true;
        if (endpoint instanceof UnixDomainSocketAddress) {
            channel.connectedAtOnce = true;
            channel.attendLater();
        } else {
            channel.submitConnect(endpoint);
        }
        return channel;
    }

    /**
     * Submits the connect. The peer's address is written to the arena of the current turn, because the kernel copies it
     * when it takes the submission.
     */
    private void submitConnect(SocketAddress endpoint) throws IOException {
        try {
            long name = core.filling().take(SocketNames.BYTES_MAX);
            int length = SocketNames.write(endpoint, name);
            began();
            Submissions.connect(core.ring(), descriptor, name, length, Operation.CONNECT.tag(number()));
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    void attach(ChannelSink toTell) {
        sink = toTell;
    }

    UringCore core() {
        return core;
    }

    int descriptor() {
        return descriptor;
    }

    /** Returns the sink; null before it is attached, and after the close. */
    @Nullable
    ChannelSink sink() {
        return sink;
    }

    boolean isClosed() {
        return closed;
    }

    /** Returns true if the channel is connected and not closed. */
    boolean mayReceive() {
        return !connecting && !closed;
    }

    // Called when the kernel reports something.

    @Override
    void completed(Operation operation, int result, int flags) {
        switch (operation) {
            case RECEIVE, RECEIVE_LARGE -> receives.completed(operation, result, flags);
            case QUICK_SEND -> sends.quickFailed(result);
            case SLOW_SEND -> sends.slowEnded(result);
            case PEER_END -> receives.peerEnded();
            case ROOM -> roomFound();
            case CONNECT -> connectEnded(result);
            case PATIENCE -> impatient();
            default -> throw new IllegalStateException(operation + " of a connection");
        }
    }

    private void connectEnded(int result) {
        ChannelSink toTell = sink;
        if (toTell == null) {
            return;
        }
        if (result < 0) {
            toTell.failed(Sockets.failure("connect", -result));
            return;
        }
        try {
            local = core.sockets().localAddress(descriptor);
        } catch (IOException e) {
            toTell.failed(e); // the peer has already reset the connection
            return;
        }
        connecting = false;
        toTell.connected();
    }

    @Override
    public long heldBytes() {
        return (long) receives.heldBytes() + sends.heldBytes();
    }

    @Override
    public long unsentBytes() {
        return sends.unsentBytes();
    }

    @Override
    public void wantRead(boolean wanted) {
        receives.want(wanted);
    }

    @Override
    public boolean readNow() {
        return receives.readNow();
    }

    // Writing.

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return core.isOwnThread() ? sends.send(bytes) : writeDirectly(bytes);
    }

    private int writeDirectly(ByteBuffer bytes) throws IOException {
        synchronized (place) {
            if (descriptor < 0) {
                throw new ClosedChannelException();
            }
            if (sends.isSlow()) {
                return 0; // its end leads to notifyWritable()
            }
            int count = place.send(descriptor, bytes);
            roomNeeded = bytes.hasRemaining();
            return count;
        }
    }

    @Override
    public void wantWrite(boolean wanted) {
        if (closed || wanted == wantsWrite) {
            return;
        }
        wantsWrite = wanted;
        if (wanted) {
            writableWhenRoom();
        }
    }

    /**
     * Requests a call of {@link #notifyWritable} as soon as there is room. If a slow send or a poll for room is under
     * way, this method does nothing, because the end of that operation leads to the same call.
     */
    private void writableWhenRoom() {
        if (roomNeeded && !awaitingRoom) {
            awaitingRoom = true;
            began();
            Submissions.pollForRoom(core.ring(), descriptor, Operation.ROOM.tag(number()));
        } else if (!awaitingRoom && !sends.isSlow()) {
            attendLater();
        }
    }

    private void roomFound() {
        awaitingRoom = false;
        roomNeeded = false;
        notifyWritable();
    }

    /**
     * Notifies the sink that the kernel, or our own memory, takes bytes again. This is repeated until {@link
     * #wantWrite} turns it off.
     */
    private void notifyWritable() {
        ChannelSink toTell = sink;
        if (toTell == null || !wantsWrite || awaitingRoom || connecting) {
            return;
        }
        if (!sends.isFree()) {
            if (!sends.isSlow()) {
                attendLater(); // a quick send is known to have succeeded only in the next turn
            }
            return;
        }
        toTell.writable();
        if (wantsWrite && !closed) {
            writableWhenRoom();
        }
    }

    /** Called by {@link Sends} when a slow send has ended, or when a send has failed after the close. */
    void sendsEnded() {
        if (closed) {
            goOnClosing();
        } else {
            notifyWritable();
        }
    }

    /** Closes the descriptor when all that was taken is with the kernel. */
    private void goOnClosing() {
        last = sends.sendLast(last);
        if (last == null && !sends.isUnderWay()) {
            closeDescriptor();
        } else if (!sends.isSlow()) {
            attendLater(); // a quick send is under way, or this turn has no room for the last bytes
        }
    }

    /**
     * Called by {@link Sends} if a send has found the connection broken. The kernel reports this only once, so the
     * receive would find only an end of the stream.
     */
    void sendsBroke(IOException cause) {
        ChannelSink toTell = sink;
        if (toTell == null) {
            sendsEnded();
        } else {
            toTell.sendFailed(cause);
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        sends.end();
    }

    // Deferred work.

    /** Makes this poll or the next one call {@link #attend}; see {@link UringCore#attendLater}. */
    void attendLater() {
        if (!attends) {
            attends = true;
            core.attendLater(this);
        }
    }

    @Override
    void attend() {
        attends = false;
        if (descriptor < 0) {
            if (sends.isQuickUnderWay()) {
                attendLater();
            }
            return;
        }
        if (closed) {
            goOnClosing();
            return;
        }
        if (connectedAtOnce) {
            connectedAtOnce = false;
            connectEnded(0);
        }
        receives.attend();
        sends.endIfDue();
        notifyWritable();
    }

    @Override
    void broke(Throwable thrown) {
        ChannelSink toTell = sink;
        try {
            if (toTell != null) {
                toTell.failed(new IOException("internal error", thrown));
            }
        } finally {
            close();
        }
    }

    // Closing.

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public SocketAddress peerAddress() {
        return peer.address();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        return peer.credentials();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        sink = null;
        receives.forget();
        sends.countAsLast();
        if (sends.isSlow()) {
            slowBegan();
        }
        goOnClosing();
    }

    @Override
    public void close(ByteBuffer toSendFirst) {
        if (!closed) {
            last = toSendFirst;
        }
        close();
    }

    /**
     * Called when a slow send has begun, or when the connection is closed during a slow send. If the connection is
     * closed, this starts the closing timeout, because the layers above no longer watch the last bytes.
     */
    void slowBegan() {
        if (sink != null) {
            sink.heldBytesChanged();
        }
        if (closed && descriptor >= 0) {
            sends.countAsLast();
            sends.startClosingTimeout();
        }
    }

    private void impatient() {
        if (sends.isClosingTimeoutOver()) {
            giveUp();
        }
    }

    @Override
    void giveUp() {
        resetOnClose();
        last = null;
        close();
        closeDescriptor();
    }

    @Override
    public void reset() {
        if (!closed) {
            resetOnClose();
            closed = true;
            sink = null;
            receives.forget();
            sends.countAsLast();
            closeDescriptor();
        }
    }

    /** Makes the close send a reset, because the peer does not get all bytes. */
    void resetOnClose() {
        resetting = true;
        if (hasResets && descriptor >= 0) {
            try {
                core.sockets().resetOnClose(descriptor);
            } catch (IOException alreadyBroken) {
                return; // the peer is gone already
            }
        }
    }

    /** Cancels all operations that use the descriptor, and closes it, in the same turn. */
    private void closeDescriptor() {
        if (descriptor < 0) {
            return;
        }
        receives.cancel();
        if (connecting) {
            Submissions.cancel(core.ring(), Operation.CONNECT.tag(number()));
        }
        if (awaitingRoom) {
            Submissions.cancel(core.ring(), Operation.ROOM.tag(number()));
        }
        sends.cancel();
        int closing = descriptor;
        if (!hasResets && !resetting) {
            // Without this, bytes that a Unix peer sends before the close is submitted would stay unread, and cause a
            // reset.
            core.sockets().shutdownBoth(closing);
        }
        synchronized (place) {
            descriptor = -1;
        }
        if (hasUnderWay() || sends.isQuickUnderWay()) {
            Submissions.close(core.ring(), closing);
        } else {
            // Close now, before a rejected peer sends bytes that will not be read.
            core.sockets().close(closing);
        }
        if (isOver()) {
            core.leave(this);
        } else {
            attendLater();
        }
    }

    @Override
    void abandon() {
        sends.abandon();
        synchronized (place) {
            if (descriptor >= 0) {
                resetOnClose();
                core.sockets().close(descriptor);
                descriptor = -1;
            }
        }
    }

    /**
     * Returns true if the descriptor is closed and no quick send can fail any more. Otherwise such a failure could be
     * reported to another connection that has got the same number.
     */
    @Override
    boolean isOver() {
        return descriptor < 0 && !sends.isQuickUnderWay();
    }
}
