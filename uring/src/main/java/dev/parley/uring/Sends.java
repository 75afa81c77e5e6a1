package dev.parley.uring;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The sends of one connection, one after another. A quick one is taken by the kernel while it is submitted, and tells
 * only if it was not taken whole; so the next one is held back until that turn's failures have been told. What was not
 * taken goes on as a slow one, which waits in the kernel and tells when it is done. Used on the loop's thread.
 */
final class Sends {
    /** Copying less costs less than looking where it lies, and keeping the buffer for a turn longer. */
    private static final int IN_PLACE_BYTES = 4 * 1024;

    private final UringChannel channel;

    /** The turn in which a quick send was submitted; in a later one it is known to have gone well. */
    private int quickTurn = -1;

    private int quickSequence;
    private long quickAddress;
    private int quickLength;

    private @Nullable SlowBuffer slow;

    /** Whether what waits is counted as last bytes, since the connection is closed. */
    private boolean slowIsLast;

    private @Nullable IOException broken;
    private boolean endWanted;

    Sends(UringChannel channel) {
        this.channel = channel;
    }

    private UringPoller poller() {
        return channel.poller();
    }

    /** Whether the next send can be taken now. */
    boolean isFree() {
        return broken != null || !isUnderWay();
    }

    /** Whether bytes that were taken from the layer above may not have left yet. */
    boolean isUnderWay() {
        return broken == null && (slow != null || quickTurn == poller().turn());
    }

    /** Whether a quick send may still tell of its failure. */
    boolean isQuickUnderWay() {
        return quickTurn == poller().turn();
    }

    boolean isSlow() {
        return slow != null;
    }

    /** How much memory the bytes take that wait in the kernel. */
    int heldBytes() {
        return slow == null ? 0 : slow.capacity();
    }

    /** What was taken from the layer above and the peer has not taken; {@link Channel#UNKNOWN} where nobody knows. */
    long unsentBytes() {
        long inKernel =
                channel.descriptor() < 0 ? Channel.UNKNOWN : poller().sockets().unsentBytes(channel.descriptor());
        return inKernel < 0
                ? Channel.UNKNOWN
                : inKernel + (slow == null ? 0 : slow.bytes().remaining());
    }

    /** Takes what there is room for; 0 while a send before it is not known to have gone well. */
    int send(ByteBuffer bytes) throws IOException {
        if (broken != null) {
            throw new IOException(broken.getMessage(), broken);
        }
        if (slow != null || channel.descriptor() < 0) {
            return 0;
        }
        return quickTurn == poller().turn() ? lengthen(bytes) : sendQuickly(bytes);
    }

    private int sendQuickly(ByteBuffer bytes) {
        if (bytes.remaining() >= IN_PLACE_BYTES && bytes.isDirect() && bytes.remaining() <= SlowBuffers.BYTES) {
            long address = NativeMemory.addressOf(bytes);
            if (poller().lend(address)) {
                return sendInPlace(bytes, address);
            }
        }
        return sendCopied(bytes);
    }

    /** Received bytes that are sent on as they are, from where they lie. */
    private int sendInPlace(ByteBuffer bytes, long address) {
        int count = bytes.remaining();
        submitQuickly(address, count);
        bytes.position(bytes.limit());
        return count;
    }

    private int sendCopied(ByteBuffer bytes) {
        SendArena arena = poller().filling();
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
        quickTurn = poller().turn();
        Submissions.sendQuickly(
                poller().ring(), channel.descriptor(), address, count, Operation.QUICK_SEND.tag(channel.number()));
        quickSequence = poller().ring().sequence() - 1;
    }

    /** Bytes of the same turn leave with those before them, as long as these wait here and lie side by side. */
    private int lengthen(ByteBuffer bytes) {
        SendArena arena = poller().filling();
        if (arena.end() != quickAddress + quickLength || !poller().ring().isPending(quickSequence)) {
            return 0;
        }
        int count = Math.min(bytes.remaining(), Math.min(arena.roomHere(), SlowBuffers.BYTES - quickLength));
        arena.put(bytes, count);
        quickLength += count;
        Submissions.lengthen(poller().ring(), quickSequence, quickLength);
        return count;
    }

    /** Told in the turn after it was submitted, before anything else of this connection. */
    void quickFailed(int result) {
        if (broken != null || channel.descriptor() < 0) {
            return;
        }
        if (result < 0 && result != -Kernel.EAGAIN) {
            breakWith(Sockets.failure("send", -result));
            return;
        }
        int sent = Math.max(0, result);
        try {
            slow = poller().slowBuffers().holding(quickAddress + sent, quickLength - sent);
        } catch (OutOfMemoryError full) {
            breakWith(new IOException("no memory for what the peer has not taken: " + full.getMessage(), full));
            return;
        }
        submitSlow(slow.bytes());
        channel.slowBegan();
    }

    /** The connection is closed: nobody above counts what waits here. */
    void countAsLast() {
        SlowBuffer waiting = slow;
        if (waiting != null && !slowIsLast) {
            slowIsLast = true;
            poller().slowBuffers().addLast(waiting.capacity());
        }
    }

    private void free(SlowBuffer sent) {
        if (slowIsLast) {
            slowIsLast = false;
            poller().slowBuffers().addLast(-sent.capacity());
        }
        poller().slowBuffers().giveBack(sent);
    }

    private void submitSlow(ByteBuffer left) {
        channel.began();
        Submissions.sendSlowly(
                poller().ring(),
                channel.descriptor(),
                NativeMemory.addressOf(left),
                left.remaining(),
                Operation.SLOW_SEND.tag(channel.number()));
    }

    void slowEnded(int result) {
        SlowBuffer ended = slow;
        if (ended == null) {
            throw new IllegalStateException("a slow send ended that nobody made");
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
            breakWith(Sockets.failure("send", result == 0 ? Kernel.EPIPE : -result));
            return;
        }
        endIfDue();
        channel.sendsEnded();
    }

    private void breakWith(IOException cause) {
        broken = cause;
        channel.sendsBroke(cause);
    }

    /** Ends our direction: now, or when what was taken has left. */
    void end() throws IOException {
        if (isUnderWay()) {
            endWanted = true;
            if (slow == null) {
                channel.endLater();
            }
        } else {
            poller().sockets().shutdownOutput(channel.descriptor());
        }
    }

    /** The end that was put off. */
    void endIfDue() {
        if (!endWanted || channel.descriptor() < 0) {
            return;
        }
        if (isUnderWay()) {
            if (slow == null) {
                channel.endLater();
            }
            return;
        }
        endWanted = false;
        try {
            poller().sockets().shutdownOutput(channel.descriptor());
        } catch (IOException alreadyBroken) {
            broken = alreadyBroken; // the peer is gone, which the receive tells as well
        }
    }

    /** The descriptor closes: a slow send is not waited for. */
    void cancel() {
        if (slow != null) {
            Submissions.cancel(poller().ring(), Operation.SLOW_SEND.tag(channel.number()));
        }
    }
}
