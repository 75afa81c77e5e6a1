package dev.parley.uring;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One connection. It receives by one submission that goes on completing until it is cancelled, and sends by {@link
 * Sends}. Used on the loop's thread, except for a {@link #write} from another thread.
 *
 * <p>Bytes that arrive while reading is paused, because cancelling takes a turn, or beyond the connection's share of a
 * poll are kept in the {@link ReceiveQueue}. A connection paused like this receives one buffer at a time for a while,
 * so that there is nothing to cancel. The descriptor is closed one turn after the last bytes were handed over, so that
 * they go out.
 */
final class UringChannel extends RingHandle implements Channel {
    private static final int LAST_WORDS_BYTES = 64 * 1024;

    private final UringPoller poller;
    private final PeerName peer;
    private final boolean hasResets;
    private final DirectWriters.Place place;
    private final Sends sends;
    private final ReceiveMode receiveMode;
    private SocketAddress local;
    private @Nullable ChannelSink sink;

    /**
     * The socket's descriptor, negative once closed; written by the loop's thread, while it holds the place's monitor.
     */
    private int descriptor;

    private boolean connecting;
    private boolean connectedAtOnce;

    private boolean wantsRead;
    private boolean receiving;
    private boolean cancelling;
    private boolean endTold;
    private HangupPoll hangupPoll;
    private final ReceiveQueue receiveQueue;

    private boolean wantsWrite;
    private boolean awaitingRoom;
    private volatile boolean roomNeeded;

    private boolean attends;
    private boolean closed;
    private boolean resetting;
    private final ClosingTimeout closingTimeout = new ClosingTimeout(this);

    private UringChannel(UringPoller poller, int descriptor, SocketAddress local, PeerName peer, boolean hasResets) {
        this.poller = poller;
        this.descriptor = descriptor;
        this.local = local;
        this.peer = peer;
        this.hasResets = hasResets;
        hangupPoll = HangupPoll.DUE;
        poller.enroll(this);
        place = poller.directWriters().of((int) number());
        sends = new Sends(this);
        receiveMode = new ReceiveMode(poller);
        receiveQueue = new ReceiveQueue(poller);
    }

    /** Makes the channel of an accepted socket; {@link #attach} follows. */
    static UringChannel accepted(UringPoller poller, int descriptor, SocketAddress local, PeerName peer) {
        return new UringChannel(poller, descriptor, local, peer, local instanceof InetSocketAddress);
    }

    static UringChannel connect(UringPoller poller, SocketAddress endpoint, SocketOptions options, ChannelSink sink)
            throws IOException {
        int descriptor = poller.sockets().open(endpoint, options);
        try {
            if (endpoint instanceof UnixDomainSocketAddress unix) {
                poller.sockets().connectNow(descriptor, unix);
            }
        } catch (IOException e) {
            poller.sockets().close(descriptor);
            throw e;
        }
        var channel = new UringChannel(
                poller, descriptor, endpoint, PeerName.of(endpoint), endpoint instanceof InetSocketAddress);
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

    /** Submits the connect. The name may lie in the arena, since the kernel copies it when it takes the submission. */
    private void submitConnect(SocketAddress endpoint) throws IOException {
        long name = poller.filling().take(SocketNames.BYTES_MAX);
        int length = SocketNames.write(endpoint, name);
        began();
        Submissions.connect(poller.ring(), descriptor, name, length, Operation.CONNECT.tag(number()));
    }

    void attach(ChannelSink toTell) {
        sink = toTell;
    }

    UringPoller poller() {
        return poller;
    }

    int descriptor() {
        return descriptor;
    }

    // What the kernel reports.

    @Override
    void completed(Operation operation, int result, int flags) {
        switch (operation) {
            case RECEIVE, RECEIVE_LARGE -> received(poller.buffersOf(operation), result, flags);
            case QUICK_SEND -> sends.quickFailed(result);
            case SLOW_SEND -> sends.slowEnded(result);
            case PEER_END -> peerEnded();
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
            local = poller.sockets().localAddress(descriptor);
        } catch (IOException e) {
            toTell.failed(e); // the peer has reset the connection before we could ask
            return;
        }
        connecting = false;
        toTell.connected();
    }

    private void received(BufferRing buffers, int result, int flags) {
        if (!Ring.hasMore(flags)) {
            receiving = false;
            cancelling = false;
        }
        if (BufferRing.hasBuffer(flags)) {
            try {
                if (result > 0) {
                    if (receiveMode.received(result)) {
                        cancelReceive();
                    }
                    take(buffers.filled(flags, result, 0));
                }
            } finally {
                buffers.done(flags, Math.max(0, result));
            }
        } else if (result == 0) {
            end();
        } else if (result < 0 && !isPassing(-result)) {
            fail(Sockets.failure("recv", -result));
        } else if (result == -Kernel.ENOBUFS) {
            poller.foundNoBuffer();
        }
        if (result > 0 && poller.isShortOfBuffers()) {
            attendLater(); // behind those that found no buffer, or the same connections would take them all again
        } else {
            receiveIfWanted();
        }
    }

    /** Returns true if the receive was cancelled or found no buffer, so that another receive goes on. */
    private static boolean isPassing(int error) {
        return error == Kernel.ECANCELED || error == Kernel.ENOBUFS || error == Kernel.EAGAIN || error == Kernel.EINTR;
    }

    private void take(ByteBuffer bytes) {
        ChannelSink toTell = sink;
        if (toTell == null) {
            return;
        }
        if (!receiveQueue.take(bytes, toTell, wantsRead)) {
            receiveMode.cameUnwanted();
            cancelReceive();
            if (wantsRead) {
                attendLater();
            }
            toTell.heldBytesChanged();
        }
    }

    private void end() {
        if (endTold) {
            return;
        }
        endTold = true;
        if (sink != null) {
            receiveQueue.end(sink, wantsRead);
        }
    }

    private void fail(IOException cause) {
        endTold = true;
        if (sink != null) {
            receiveQueue.fail(cause, sink, wantsRead);
        }
    }

    @Override
    public long heldBytes() {
        return (long) receiveQueue.heldBytes() + sends.heldBytes();
    }

    @Override
    public long unsentBytes() {
        return sends.unsentBytes();
    }

    // Reading.

    @Override
    public void wantRead(boolean wanted) {
        if (closed || wanted == wantsRead) {
            return;
        }
        wantsRead = wanted;
        if (!wanted) {
            receiveMode.paused();
            cancelReceive();
        } else if (receiveQueue.holds()) {
            attendLater();
        } else {
            receiveIfWanted();
        }
    }

    private void receiveIfWanted() {
        if (wantsRead && !receiving && !closed && !endTold && !connecting && !receiveQueue.holds()) {
            receiving = true;
            receiveMode.begin();
            began();
            submitReceive(receiveMode.operation());
            watchForEnd();
        }
    }

    private void submitReceive(Operation receive) {
        int group = poller.buffersOf(receive).group();
        if (receiveMode.goesOn()) {
            Submissions.receive(poller.ring(), descriptor, group, receive.tag(number()));
        } else {
            Submissions.receiveOnce(poller.ring(), descriptor, group, receive.tag(number()));
        }
    }

    /**
     * Watches for an end that a receive may miss: if many sends have woken the receive before it runs, and the end
     * comes while it takes their bytes, Linux 6.17 and later forget the end of a Unix socket, and the reset of a TCP
     * one. No send wakes this poll, so its one wake-up is not lost.
     */
    private void watchForEnd() {
        if (hangupPoll == HangupPoll.DUE) {
            hangupPoll = HangupPoll.UNDER_WAY;
            began();
            Submissions.pollForPeerEnd(poller.ring(), descriptor, Operation.PEER_END.tag(number()));
        }
    }

    /**
     * Notes the peer's end. The receive usually reports it in the same turn, so it is judged after all completions of
     * the turn.
     */
    private void peerEnded() {
        hangupPoll = HangupPoll.ENDED;
        if (!closed && !endTold) {
            attendLater();
        }
    }

    /** Begins another receive after the end, which finds the end behind the bytes that are left. */
    private void receiveAnewAfterEnd() {
        if (hangupPoll == HangupPoll.ENDED) {
            hangupPoll = HangupPoll.NEEDLESS;
            if (!endTold) {
                cancelReceive();
            }
        }
    }

    private void cancelReceive() {
        if (receiving && !cancelling) {
            cancelling = true;
            Submissions.cancel(poller.ring(), receiveMode.operation().tag(number()));
        }
    }

    @Override
    public boolean readNow() {
        ChannelSink toTell = sink;
        if (toTell == null || connecting) {
            return false;
        }
        if (receiveQueue.holds()) {
            return receiveQueue.tellNext(toTell);
        }
        long completion = poller.takeReceived(this);
        if (completion != 0 && !isPassing(-Ring.resultOf(completion))) {
            return readCompletion(toTell, completion);
        }
        return !endTold && readDirectly(toTell);
    }

    /** Reads bytes that the ring has already brought, which come before those that a call would bring now. */
    private boolean readCompletion(ChannelSink toTell, long completion) {
        int result = Ring.resultOf(completion);
        int flags = Ring.flagsOf(completion);
        if (!BufferRing.hasBuffer(flags) || result <= 0) {
            if (result == 0 && !endTold) {
                endTold = true;
                toTell.ended(); // not in its turn: the caller may be about to close
            }
            return false;
        }
        ByteBuffer bytes = poller.filledOutOfTurn(completion);
        boolean isLarge = Operation.of(Ring.tagOf(completion)).isLarge();
        Ring.putTag(completion, (isLarge ? Operation.TAKEN_LARGE : Operation.TAKEN).tag(0));
        if (!Ring.hasMore(flags)) {
            receiving = false;
            cancelling = false;
            ended();
        }
        toTell.received(bytes);
        return true;
    }

    private boolean readDirectly(ChannelSink toTell) {
        SlowBuffer borrowed = poller.slowBuffers().borrow(LAST_WORDS_BYTES);
        try {
            return readDirectly(toTell, borrowed.bytes().clear());
        } finally {
            poller.slowBuffers().giveBack(borrowed);
        }
    }

    private boolean readDirectly(ChannelSink toTell, ByteBuffer input) {
        int count;
        try {
            count = poller.sockets().receiveNow(descriptor, NativeMemory.addressOf(input), LAST_WORDS_BYTES);
        } catch (IOException e) {
            endTold = true;
            toTell.failed(e);
            return false;
        }
        if (count > 0) {
            toTell.received(input.limit(count).asReadOnlyBuffer());
            return true;
        }
        if (count == 0) {
            endTold = true;
            toTell.ended();
        }
        return false;
    }

    // Writing.

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return poller.isOwnThread() ? sends.send(bytes) : writeDirectly(bytes);
    }

    private int writeDirectly(ByteBuffer bytes) throws IOException {
        synchronized (place) {
            if (descriptor < 0) {
                throw new ClosedChannelException();
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

    /** Reports writable once there is room; a slow send reports by itself when it has ended. */
    private void writableWhenRoom() {
        if (roomNeeded && !awaitingRoom) {
            awaitingRoom = true;
            began();
            Submissions.pollForRoom(poller.ring(), descriptor, Operation.ROOM.tag(number()));
        } else if (!awaitingRoom && !sends.isSlow()) {
            attendLater();
        }
    }

    private void roomFound() {
        awaitingRoom = false;
        roomNeeded = false;
        tellWritable();
    }

    /**
     * Notifies the sink that the kernel, or our own memory, takes bytes again; repeated until that is no longer wanted.
     */
    private void tellWritable() {
        ChannelSink toTell = sink;
        if (toTell == null || !wantsWrite || awaitingRoom || connecting || !sends.isFree()) {
            return;
        }
        toTell.writable();
        if (wantsWrite && !closed) {
            writableWhenRoom();
        }
    }

    /** Notes that the sends under way have ended or failed; called by them. */
    void sendsEnded() {
        if (closed) {
            closeDescriptor();
        } else {
            tellWritable();
        }
    }

    /**
     * Notes that a send has found the connection broken. The kernel reports that once, so the receive would only see an
     * end.
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

    private void attendLater() {
        if (!attends) {
            attends = true;
            poller.attendLater(this);
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
            if (!sends.isUnderWay()) {
                closeDescriptor();
            } else if (!sends.isSlow()) {
                attendLater();
            }
            return;
        }
        if (connectedAtOnce) {
            connectedAtOnce = false;
            connectEnded(0);
        }
        tellDeferred();
        receiveAnewAfterEnd();
        sends.endIfDue();
        if (wantsWrite && !sends.isFree() && !sends.isSlow()) {
            attendLater();
        } else {
            tellWritable();
        }
    }

    /** Puts the end of our direction off to the next turn; for {@link Sends}. */
    void endLater() {
        attendLater();
    }

    private void tellDeferred() {
        while (receiveQueue.holds() && wantsRead && !closed) {
            if (!receiveQueue.hasShare()) {
                attendLater();
                break;
            }
            ChannelSink toTell = sink;
            if (toTell == null || !receiveQueue.tellNext(toTell)) {
                break;
            }
        }
        receiveIfWanted();
    }

    @Override
    void broke(Throwable thrown) {
        ChannelSink toTell = sink;
        if (toTell != null) {
            toTell.failed(new IOException("internal error", thrown));
        }
        close();
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
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        sink = null;
        receiveQueue.forget();
        sends.countAsLast();
        if (!sends.isUnderWay()) {
            closeDescriptor();
        } else if (sends.isSlow()) {
            slowBegan();
        } else {
            attendLater();
        }
    }

    /** Starts to watch the last bytes of a closed connection, which the layers above no longer do. */
    void slowBegan() {
        if (sink != null) {
            sink.heldBytesChanged();
        }
        if (closed && descriptor >= 0) {
            sends.countAsLast();
            closingTimeout.start(sends.unsentBytes());
        }
    }

    private void impatient() {
        if (closingTimeout.isOver(sends.unsentBytes())) {
            giveUp();
        }
    }

    /** Gives the connection up: bytes that have not gone out are lost. */
    void giveUp() {
        resetOnClose();
        close();
        closeDescriptor();
    }

    @Override
    public void reset() {
        if (!closed) {
            resetOnClose();
            closed = true;
            sink = null;
            receiveQueue.forget();
            sends.countAsLast();
            closeDescriptor();
        }
    }

    private void resetOnClose() {
        resetting = true;
        if (hasResets && descriptor >= 0) {
            try {
                poller.sockets().resetOnClose(descriptor);
            } catch (IOException alreadyBroken) {
                return; // then there is no peer to notify
            }
        }
    }

    /** Ends everything that holds the descriptor, and closes it, all in one turn. */
    private void closeDescriptor() {
        if (descriptor < 0) {
            return;
        }
        cancelReceive();
        if (connecting) {
            Submissions.cancel(poller.ring(), Operation.CONNECT.tag(number()));
        }
        if (hangupPoll == HangupPoll.UNDER_WAY) {
            Submissions.cancel(poller.ring(), Operation.PEER_END.tag(number()));
        }
        if (awaitingRoom) {
            Submissions.cancel(poller.ring(), Operation.ROOM.tag(number()));
        }
        closingTimeout.end();
        sends.cancel();
        int closing = descriptor;
        if (!hasResets && !resetting) {
            // Otherwise bytes that a Unix peer sends until the close is submitted would stay unread and cause a reset.
            poller.sockets().shutdownBoth(closing);
        }
        synchronized (place) {
            descriptor = -1;
        }
        if (hasUnderWay() || sends.isQuickUnderWay()) {
            Submissions.close(poller.ring(), closing);
        } else {
            poller.sockets().close(closing); // now, before a rejected peer sends bytes that will not be read
        }
        if (isOver()) {
            poller.leave(this);
        } else {
            attendLater();
        }
    }

    /**
     * Returns true only once no quick send can fail any more, so that its failure does not find another connection
     * under its number.
     */
    @Override
    boolean isOver() {
        return descriptor < 0 && !sends.isQuickUnderWay();
    }
}
