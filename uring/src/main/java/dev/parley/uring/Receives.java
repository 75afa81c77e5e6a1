package dev.parley.uring;

import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The receives of one connection, one after another. Each receive is a submission that either completes again and again
 * until it is cancelled, or takes a single buffer; see {@link ReceiveMode}. Used on the loop's thread.
 *
 * <p>The {@link ReceiveQueue} keeps bytes that cannot be passed on at once. Some bytes arrive while reading is paused,
 * because it takes a turn to cancel a receive. Other bytes exceed the connection's share of a poll. In both cases, the
 * connection then receives one buffer at a time for a while, so that there is nothing to cancel.
 */
final class Receives {
    private static final int LAST_WORDS_BYTES = 64 * 1024;

    private final UringChannel channel;
    private final ReceiveMode mode;
    private final ReceiveQueue queue;

    private boolean wanted;
    private boolean underWay;
    private boolean cancelling;

    /** True if the end of the stream or a failure was passed on, or waits in the queue. */
    private boolean ended;

    private HangupPoll hangupPoll = HangupPoll.DUE;

    Receives(UringChannel channel) {
        this.channel = channel;
        mode = new ReceiveMode(channel.core());
        queue = new ReceiveQueue(channel.core());
    }

    private UringCore core() {
        return channel.core();
    }

    /** Returns the number of bytes that were received and are kept here until they are passed on. */
    int heldBytes() {
        return queue.heldBytes();
    }

    /** Drops the bytes that are kept, because the connection is closed. */
    void forget() {
        queue.forget();
    }

    // Called when the kernel reports something.

    /** Called with each completion of the receive that is under way. */
    void completed(Operation operation, int result, int flags) {
        if (!Ring.hasMore(flags)) {
            underWay = false;
            cancelling = false;
        }
        if (BufferRing.hasBuffer(flags)) {
            filled(core().buffersOf(operation), result, flags);
        }
        if (result == 0) {
            end();
        } else if (result < 0 && !isPassing(-result)) {
            fail(Sockets.failure("recv", -result));
        } else if (result == -Kernel.ENOBUFS) {
            core().foundNoBuffer();
        }
        if (result > 0 && core().isShortOfBuffers()) {
            // Begin the next receive later, after the connections that found no buffer have begun theirs. Otherwise the
            // same connections would take all buffers again.
            channel.attendLater();
        } else {
            beginIfWanted();
        }
    }

    private void filled(BufferRing buffers, int result, int flags) {
        try {
            if (result > 0) {
                if (mode.received(result)) {
                    cancelReceive();
                }
                take(buffers.filled(flags, result, 0));
            }
        } finally {
            buffers.done(flags, Math.max(0, result));
        }
    }

    /**
     * Returns true if the receive was cancelled, interrupted or found no buffer, so that another receive can follow.
     */
    private static boolean isPassing(int error) {
        return error == Kernel.ECANCELED || error == Kernel.ENOBUFS || error == Kernel.EAGAIN || error == Kernel.EINTR;
    }

    private void take(ByteBuffer bytes) {
        ChannelSink sink = channel.sink();
        if (sink == null) {
            return;
        }
        if (!queue.take(bytes, sink, wanted)) {
            mode.receivedUnwanted();
            cancelReceive();
            if (wanted) {
                channel.attendLater();
            }
            sink.heldBytesChanged();
        }
    }

    private void end() {
        if (ended) {
            return;
        }
        ended = true;
        ChannelSink sink = channel.sink();
        if (sink != null) {
            queue.end(sink, wanted);
        }
    }

    private void fail(IOException cause) {
        ended = true;
        ChannelSink sink = channel.sink();
        if (sink != null) {
            queue.fail(cause, sink, wanted);
        }
    }

    // Called by the channel, for the loop.

    /** Starts or pauses passing bytes on. */
    void want(boolean nowWanted) {
        if (channel.isClosed() || nowWanted == wanted) {
            return;
        }
        wanted = nowWanted;
        if (!nowWanted) {
            mode.paused();
            cancelReceive();
        } else if (queue.holds()) {
            channel.attendLater();
        } else {
            beginIfWanted();
        }
    }

    private void beginIfWanted() {
        if (wanted && !underWay && !ended && channel.mayReceive() && !queue.holds()) {
            underWay = true;
            mode.begin();
            channel.began();
            submit(mode.operation());
            watchForEnd();
        }
    }

    private void submit(Operation receive) {
        int group = core().buffersOf(receive).group();
        long tag = receive.tag(channel.number());
        if (mode.goesOn()) {
            Submissions.receive(core().ring(), channel.descriptor(), group, tag);
        } else {
            Submissions.receiveOnce(core().ring(), channel.descriptor(), group, tag);
        }
    }

    /**
     * Starts a poll for an end of the stream that a receive may miss. A receive may miss the end if many sends of the
     * peer have woken the receive before it runs, and the end comes while the receive takes their bytes: in this case,
     * Linux 6.17 and later lose the end of a Unix socket, and the reset of a TCP socket. The sends of the peer do not
     * wake this poll, so its only wake-up, the end, is not lost.
     */
    private void watchForEnd() {
        if (hangupPoll == HangupPoll.DUE) {
            hangupPoll = HangupPoll.UNDER_WAY;
            channel.began();
            Submissions.pollForPeerEnd(core().ring(), channel.descriptor(), Operation.PEER_END.tag(channel.number()));
        }
    }

    /**
     * Called when the poll has reported the end of the peer's stream. The receive usually reports the end in the same
     * turn, so this class decides only after all completions of the turn whether another receive is needed.
     */
    void peerEnded() {
        hangupPoll = HangupPoll.ENDED;
        if (!channel.isClosed() && !ended) {
            channel.attendLater();
        }
    }

    /** Passes on the bytes that are kept, and begins another receive if reading is not paused. */
    void attend() {
        passQueued();
        beginIfWanted();
        receiveAnewAfterEnd();
    }

    private void passQueued() {
        while (queue.holds() && wanted && !channel.isClosed()) {
            if (!queue.hasShare()) {
                channel.attendLater();
                break;
            }
            ChannelSink sink = channel.sink();
            if (sink == null || !queue.notifyNext(sink)) {
                break;
            }
        }
    }

    /**
     * If the poll has reported the end and the receive has not, cancels the receive, so that another one begins. The
     * other receive gets the bytes that are left, and then the end.
     */
    private void receiveAnewAfterEnd() {
        if (hangupPoll == HangupPoll.ENDED) {
            hangupPoll = HangupPoll.NEEDLESS;
            if (!ended) {
                cancelReceive();
            }
        }
    }

    private void cancelReceive() {
        if (underWay && !cancelling) {
            cancelling = true;
            Submissions.cancel(core().ring(), mode.operation().tag(channel.number()));
        }
    }

    /** Cancels the receive and the poll, because the descriptor is about to be closed. */
    void cancel() {
        cancelReceive();
        if (hangupPoll == HangupPoll.UNDER_WAY) {
            Submissions.cancel(core().ring(), Operation.PEER_END.tag(channel.number()));
        }
    }

    // Reading at once.

    /**
     * Passes on the next bytes if some have arrived by now, or the end of the stream if it has arrived. Does so even if
     * reading is paused.
     *
     * @return true if there may be more bytes
     */
    boolean readNow() {
        ChannelSink sink = channel.sink();
        if (sink == null || !channel.mayReceive()) {
            return false;
        }
        if (queue.holds()) {
            return queue.notifyNext(sink);
        }
        long completion = core().takeReceived(channel);
        if (completion != 0 && !isPassing(-Ring.resultOf(completion))) {
            return readCompletion(sink, completion);
        }
        return !ended && readDirectly(sink);
    }

    /**
     * Passes on the bytes of a completion that the ring already holds. They come before the bytes that a system call
     * would read now.
     */
    private boolean readCompletion(ChannelSink sink, long completion) {
        int result = Ring.resultOf(completion);
        int flags = Ring.flagsOf(completion);
        if (!BufferRing.hasBuffer(flags) || result <= 0) {
            if (result == 0 && !ended) {
                ended = true;
                sink.ended(); // at once: the caller may be about to close
            }
            return false;
        }
        ByteBuffer bytes = core().filledOutOfTurn(completion);
        boolean isLarge = Operation.of(Ring.tagOf(completion)).isLarge();
        Ring.putTag(completion, (isLarge ? Operation.TAKEN_LARGE : Operation.TAKEN).tag(0));
        if (!Ring.hasMore(flags)) {
            underWay = false;
            cancelling = false;
            channel.ended();
            channel.attendLater(); // its turn, which would begin the next receive, does not come
        }
        sink.received(bytes);
        return true;
    }

    private boolean readDirectly(ChannelSink sink) {
        SlowBuffer borrowed = core().slowBuffers().borrow(LAST_WORDS_BYTES);
        try {
            return readDirectly(sink, borrowed.bytes().clear());
        } finally {
            core().slowBuffers().giveBack(borrowed);
        }
    }

    private boolean readDirectly(ChannelSink sink, ByteBuffer input) {
        int count;
        try {
            count = core().sockets().receiveNow(channel.descriptor(), NativeMemory.addressOf(input), LAST_WORDS_BYTES);
        } catch (IOException e) {
            ended = true;
            sink.failed(e);
            return false;
        }
        if (count > 0) {
            sink.received(input.limit(count).asReadOnlyBuffer());
            return true;
        }
        if (count == 0) {
            ended = true;
            sink.ended();
        }
        return false;
    }
}
