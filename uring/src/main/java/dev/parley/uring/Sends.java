package dev.parley.uring;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.NoMemoryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sends of one connection, one after another. There are two kinds of sends. A quick send is taken by the kernel
 * while it is submitted, and has a completion only if the kernel could not take all of its bytes. So the next send
 * waits until the failures of that turn have been reported. The bytes that a quick send leaves over become a slow send,
 * which waits in the kernel until the socket takes them. Used on the loop's thread.
 */
final class Sends {
    /**
     * The minimum size of a send that is sent in place, without a copy. For fewer bytes, a copy costs less than finding
     * their buffer and keeping it for one more turn.
     */
    private static final int IN_PLACE_BYTES = 4 * 1024;

    private final UringChannel channel;

    /**
     * The turn in which the last quick send was submitted. In any later turn, it is known whether that send has failed.
     */
    private int quickTurn = -1;

    private int quickSequence;
    private long quickAddress;
    private int quickLength;

    /**
     * The bytes of the slow send that is under way; null if there is none. Other threads look whether it is null: what
     * they write would lie in the middle of these bytes.
     */
    private volatile @Nullable SlowBuffer slow;

    /** True if the bytes of the slow send are counted as last bytes, because the connection is closed. */
    private boolean slowIsLast;

    private @Nullable IOException broken;
    private boolean endWanted;

    /** Null until the connection is closed while a slow send is under way, which is rare. */
    private @Nullable ClosingTimeout closingTimeout;

    Sends(UringChannel channel) {
        this.channel = channel;
    }

    private UringCore core() {
        return channel.core();
    }

    /** Returns true if the next send can be made now. */
    boolean isFree() {
        return broken != null || !isUnderWay();
    }

    /** Returns true if bytes that were taken from the layer above may not have been sent yet. */
    boolean isUnderWay() {
        return broken == null && (slow != null || quickTurn == core().turn());
    }

    /** Returns true if a quick send may still report a failure. */
    boolean isQuickUnderWay() {
        return quickTurn == core().turn();
    }

    /** Returns true if a slow send is under way. Any thread may call this. */
    boolean isSlow() {
        return slow != null;
    }

    /** Returns the size of the buffer that holds the bytes of the slow send; 0 if there is no slow send. */
    int heldBytes() {
        return slow == null ? 0 : slow.capacity();
    }

    /**
     * Returns the number of bytes that this class took from the layer above and that the peer has not taken yet, or
     * {@link Channel#UNKNOWN} if that cannot be determined.
     */
    long unsentBytes() {
        long inKernel =
                channel.descriptor() < 0 ? Channel.UNKNOWN : core().sockets().unsentBytes(channel.descriptor());
        return inKernel < 0
                ? Channel.UNKNOWN
                : inKernel + (slow == null ? 0 : slow.bytes().remaining());
    }

    /**
     * Takes as many bytes as there is room for, and returns their number. The number may be 0 until the previous send
     * is known to have succeeded.
     */
    int send(ByteBuffer bytes) throws IOException {
        if (broken != null) {
            throw new IOException(broken.getMessage(), broken);
        }
        if (slow != null || channel.descriptor() < 0) {
            return 0;
        }
        return quickTurn == core().turn() ? lengthen(bytes) : sendQuickly(bytes);
    }

    /**
     * Sends the last bytes of a closed connection, as many as there is room for, if all sends before them are over.
     * Returns the bytes if some are left; null if nothing is left to send, or the peer is gone.
     */
    @Nullable
    ByteBuffer sendLast(@Nullable ByteBuffer last) {
        if (last == null || broken != null) {
            return null;
        }
        if (!isUnderWay()) {
            sendQuickly(last);
        }
        return last.hasRemaining() ? last : null;
    }

    private int sendQuickly(ByteBuffer bytes) {
        if (bytes.remaining() >= IN_PLACE_BYTES && bytes.isDirect() && bytes.remaining() <= SlowBuffers.BYTES) {
            long address = NativeMemory.addressOf(bytes);
            if (core().lend(address)) {
                return sendInPlace(bytes, address);
            }
        }
        return sendCopied(bytes);
    }

    /** Sends bytes from the large buffer in which they were received, unchanged and without a copy. */
    private int sendInPlace(ByteBuffer bytes, long address) {
        int count = bytes.remaining();
        submitQuickly(address, count);
        bytes.position(bytes.limit());
        return count;
    }

    private int sendCopied(ByteBuffer bytes) {
        SendArena arena = core().filling();
        arena.align();
        int count = arena.room(Math.min(bytes.remaining(), SlowBuffers.BYTES));
        if (count == 0) {
            return 0;
        }
        long address = arena.end();
        arena.put(bytes, count);
        submitQuickly(address, count);
        return count;
    }

    private void submitQuickly(long address, int count) {
        quickAddress = address;
        quickLength = count;
        quickTurn = core().turn();
        Submissions.sendQuickly(
                core().ring(), channel.descriptor(), address, count, Operation.QUICK_SEND.tag(channel.number()));
        quickSequence = core().ring().sequence() - 1;
    }

    /**
     * Adds bytes to the quick send of this turn, if the kernel has not taken that send yet, and there is room directly
     * after its bytes.
     */
    private int lengthen(ByteBuffer bytes) {
        SendArena arena = core().filling();
        if (arena.end() != quickAddress + quickLength || !core().ring().isPending(quickSequence)) {
            return 0;
        }
        int count = Math.min(bytes.remaining(), Math.min(arena.roomHere(), SlowBuffers.BYTES - quickLength));
        arena.put(bytes, count);
        quickLength += count;
        Submissions.lengthen(core().ring(), quickSequence, quickLength);
        return count;
    }

    /**
     * Called if a quick send has failed or did not send all bytes, in the turn after its submission, and before all
     * other events of this connection.
     */
    void quickFailed(int result) {
        if (broken != null || channel.descriptor() < 0) {
            return;
        }
        if (result < 0 && result != -Kernel.EAGAIN) {
            breakWith(-result);
            return;
        }
        int sent = Math.max(0, result);
        try {
            slow = core().slowBuffers().holding(quickAddress + sent, quickLength - sent);
        } catch (OutOfMemoryError full) {
            channel.resetOnClose();
            breakWith(new NoMemoryException("no memory for what the peer has not taken: " + full.getMessage(), full));
            return;
        }
        submitSlow(slow.bytes());
        channel.slowBegan();
    }

    /**
     * Counts the bytes of the slow send as last bytes. The connection is closed, so the layer above no longer counts
     * them.
     */
    void countAsLast() {
        SlowBuffer waiting = slow;
        if (waiting != null && !slowIsLast) {
            slowIsLast = true;
            core().slowBuffers().addLast(waiting.capacity());
        }
    }

    /** Called when the connection is closed and a slow send is under way. The connection may be given up at once. */
    void startClosingTimeout() {
        try {
            ClosingTimeout now = closingTimeout == null ? new ClosingTimeout(core(), channel) : closingTimeout;
            closingTimeout = now;
            now.start(unsentBytes());
        } catch (OutOfMemoryError full) {
            channel.giveUp(); // otherwise a peer that reads nothing would hold the descriptor without end
        }
    }

    /** Returns true if the closing timeout has ended, so that the connection must be given up. */
    boolean isClosingTimeoutOver() {
        return closingTimeout != null && closingTimeout.isOver(unsentBytes());
    }

    private void free(SlowBuffer sent) {
        if (slowIsLast) {
            slowIsLast = false;
            core().slowBuffers().addLast(-sent.capacity());
        }
        core().slowBuffers().giveBack(sent);
    }

    private void submitSlow(ByteBuffer left) {
        channel.began();
        Submissions.sendSlowly(
                core().ring(),
                channel.descriptor(),
                NativeMemory.addressOf(left),
                left.remaining(),
                Operation.SLOW_SEND.tag(channel.number()));
    }

    void slowEnded(int result) {
        SlowBuffer ended = slow;
        if (ended == null) {
            throw new IllegalStateException("a slow send ended that was never submitted");
        }
        ByteBuffer sending = ended.bytes();
        if (result > 0) {
            sending.position(Math.min(sending.limit(), sending.position() + result));
            if (sending.hasRemaining() && channel.descriptor() >= 0) {
                submitSlow(sending);
                return;
            }
        }
        slow = null;
        free(ended);
        if (channel.descriptor() < 0) {
            return;
        }
        if (result <= 0) {
            breakWith(result == 0 ? Kernel.EPIPE : -result);
            return;
        }
        endIfDue();
        channel.sendsEnded();
    }

    /**
     * Ends the sends after an error of the system. If the peer is still there, it gets a reset, because an end of the
     * stream would say that it has received all bytes.
     */
    private void breakWith(int error) {
        if (error != Kernel.EPIPE && error != Kernel.ECONNRESET) {
            channel.resetOnClose();
        }
        breakWith(Sockets.failure("send", error));
    }

    private void breakWith(IOException cause) {
        broken = cause;
        channel.sendsBroke(cause);
    }

    /** Ends our direction of the stream: now, or after the bytes that were taken have been sent. */
    void end() throws IOException {
        if (isUnderWay()) {
            endWanted = true;
            if (slow == null) {
                channel.attendLater();
            }
        } else {
            core().sockets().shutdownOutput(channel.descriptor());
        }
    }

    /** Ends our direction of the stream if {@link #end} was postponed and the bytes have been sent. */
    void endIfDue() {
        if (!endWanted || channel.descriptor() < 0) {
            return;
        }
        if (isUnderWay()) {
            if (slow == null) {
                channel.attendLater();
            }
            return;
        }
        endWanted = false;
        try {
            core().sockets().shutdownOutput(channel.descriptor());
        } catch (IOException alreadyBroken) {
            broken = alreadyBroken; // the peer is gone; the receive reports this too
        }
    }

    /** Frees the bytes of a slow send whose completion will not come, because the ring has ended. */
    void abandon() {
        SlowBuffer waiting = slow;
        if (waiting != null) {
            slow = null;
            free(waiting);
        }
    }

    /** Cancels a slow send, because the descriptor is about to be closed. */
    void cancel() {
        if (closingTimeout != null) {
            closingTimeout.end();
        }
        if (slow != null) {
            Submissions.cancel(core().ring(), Operation.SLOW_SEND.tag(channel.number()));
        }
    }
}
