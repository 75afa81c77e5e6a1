package dev.parley.cluster;

import dev.parley.ExchangeEndedException;
import dev.parley.Message;
import dev.parley.cluster.StreamPacket.Kind;
import dev.parley.link.StreamMessages;
import dev.parley.net.MemoryCap;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One node's end of a stream between two nodes. Each direction has numbered messages, so that a loss is noticed, and at
 * most {@link #WINDOW_BYTES} bytes of messages that were sent and not taken, and one message more. A stream that its
 * bus does not carry whole ends with an error on both nodes; nothing is sent again.
 *
 * <p>One thread at a time receives, any thread sends, and they may wait; the bus's threads call {@link #received} and
 * {@link #beat}, which do not.
 */
public final class NodeStream {
    /** The bytes of one direction that may be on the way, or wait for the other side's reader. */
    public static final int WINDOW_BYTES = 256 * 1024;

    /** The time between two calls of {@link #beat} by a bus. */
    public static final Duration BEAT = Duration.ofSeconds(5);

    /** The time without a packet after which the other node is taken for dead. */
    static final Duration SILENCE_MAX = BEAT.multipliedBy(3);

    /** The silence that a bus measures. Its beats are not exact, so the third one counts if it is a little early. */
    private static final long SILENT_NANOS =
            SILENCE_MAX.minus(BEAT.dividedBy(2)).toNanos();

    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final boolean opens;

    /** The number of the last piece that the bus has. Written by the sending thread. */
    private volatile long transmittedCount;

    // Guarded by the lock.
    private final ArrayDeque<Piece> waiting = new ArrayDeque<>();
    private @Nullable Link link;
    private @Nullable IOException failure;
    private long sentCount;
    private long sentBytes;
    private long takenByOtherBytes;
    private long receivedCount;
    private long receivedBytes;
    private long takenBytes;
    private long saidTakenBytes;
    private boolean sentLast;
    private boolean receivedLast;
    private long heardNanos;
    private boolean isSilent;
    private @Nullable MemoryCap memory;

    /** Carries packets to the other end, in their order, or loses them. */
    @FunctionalInterface
    public interface Link {
        /**
         * Sends a packet. For a piece, it may wait until the bus has room.
         *
         * @param packet the packet
         * @throws ClusterException if the packet is certainly not sent
         * @throws InterruptedIOException if the thread was interrupted while it waited
         */
        void send(StreamPacket packet) throws ClusterException, InterruptedIOException;
    }

    /**
     * A message of a stream.
     *
     * @param message the message
     * @param isLast whether it is the last of its direction
     */
    public record Piece(Message message, boolean isLast) {}

    private NodeStream(boolean opens) {
        this.opens = opens;
    }

    /** {@return the end of the node that opens the stream} Until it is {@link #connect connected}, senders wait. */
    public static NodeStream opening() {
        return new NodeStream(true);
    }

    /**
     * {@return the end of the node that handles the stream}
     *
     * @param link carries packets to the node that has opened it
     */
    public static NodeStream accepted(Link link) {
        var stream = new NodeStream(false);
        stream.connect(link);
        return stream;
    }

    /**
     * Connects this end with the other one.
     *
     * @param toOther carries packets to it
     */
    public void connect(Link toOther) {
        boolean tooLate;
        lock.lock();
        try {
            link = toOther;
            tooLate = failure != null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (tooLate) {
            sendQuietly(StreamPacket.abort(cancelled()));
        }
    }

    /** {@return completes when the stream is over for this end, however it has ended; any thread may use it} */
    public CompletionStage<Void> over() {
        return over;
    }

    /**
     * Counts the memory of the messages that wait for their reader, until the stream is {@link #discard discarded}; if
     * this end handles the stream, until it is over.
     *
     * @param cap where it counts
     */
    public void countIn(MemoryCap cap) {
        lock.lock();
        try {
            if (failure == null || opens) {
                memory = cap;
                cap.take(receivedBytes - takenBytes);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Counts no more. Called under the lock. */
    private void letGo() {
        if (memory != null) {
            memory.giveBack(receivedBytes - takenBytes);
            memory = null;
        }
    }

    // Sending.

    /**
     * Sends a message that others follow. Waits while the other side's reader is behind.
     *
     * @param message the message
     * @throws IOException if the stream is over; {@link InterruptedIOException} if the thread was interrupted
     */
    public void send(Message message) throws IOException {
        sending.lock();
        try {
            long number = spend(message, false);
            transmit(StreamPacket.of(Kind.PIECE, number, takenSoFar(), message));
        } finally {
            sending.unlock();
        }
    }

    /**
     * Sends the last message of this direction. If this is the end that handles the stream, the stream is over.
     *
     * @param last the message, which may be an error response
     * @throws IOException if the stream is over; {@link InterruptedIOException} if the thread was interrupted
     */
    public void end(Message last) throws IOException {
        sending.lock();
        try {
            long number = spend(last, true);
            transmit(StreamPacket.of(Kind.LAST, number, takenSoFar(), last));
            if (!opens) {
                sendQuietly(StreamPacket.beat(number, takenSoFar())); // no later one would show that the last is lost
            }
        } finally {
            sending.unlock();
        }
        if (!opens) {
            fail(new ExchangeEndedException("the last message of the stream was sent"));
        }
    }

    private void transmit(StreamPacket packet) throws IOException {
        try {
            linkNow().send(packet);
        } catch (ClusterException notSent) {
            ClusterException begun = ofBegun(notSent);
            abort(begun); // the other side would miss it
            throw begun;
        } catch (IOException interrupted) {
            abort(interrupted);
            throw interrupted;
        }
        transmittedCount = packet.number();
    }

    /**
     * Returns a failure whose reason does not say that nothing was handled: the handler of this stream has begun, and
     * if this is its end, it may be done.
     */
    private ClusterException ofBegun(ClusterException notSent) {
        return new ClusterException(
                opens ? ClusterException.Reason.LOST : ClusterException.Reason.BAD_RESPONSE,
                String.valueOf(notSent.getMessage()));
    }

    /** Waits for room for a message, and returns its number. */
    private long spend(Message message, boolean isLast) throws IOException {
        lock.lock();
        try {
            while (failure == null && (link == null || sentBytes - takenByOtherBytes >= WINDOW_BYTES)) {
                changed.await();
            }
            if (failure != null) {
                throw again(failure);
            }
            if (sentLast) {
                throw new ExchangeEndedException("this direction of the stream has ended");
            }
            sentLast = isLast;
            sentBytes += costOf(message);
            return ++sentCount;
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            lock.unlock();
        }
    }

    private static long costOf(Message message) {
        return StreamMessages.heldBytes(message); // the same on both nodes
    }

    private Link linkNow() throws ExchangeEndedException {
        lock.lock();
        try {
            if (link == null) {
                throw new ExchangeEndedException("the stream is not open");
            }
            return link;
        } finally {
            lock.unlock();
        }
    }

    private long takenSoFar() {
        lock.lock();
        try {
            saidTakenBytes = takenBytes;
            return takenBytes;
        } finally {
            lock.unlock();
        }
    }

    private void sendQuietly(StreamPacket packet) {
        try {
            linkNow().send(packet);
        } catch (IOException notSent) {
            return; // the other side notices the silence
        }
    }

    // Receiving.

    /**
     * Waits for the next message.
     *
     * @return never null; after the last one, this method must not be called again
     * @throws IOException if the stream has failed; {@link InterruptedIOException} if the thread was interrupted
     */
    public Piece receive() throws IOException {
        Piece next;
        StreamPacket taken = null;
        lock.lock();
        try {
            while (waiting.isEmpty() && failure == null) {
                changed.await();
            }
            next = waiting.poll();
            if (next == null) {
                throw again(failure);
            }
            long cost = costOf(next.message());
            takenBytes += cost;
            if (memory != null) {
                memory.giveBack(cost);
            }
            if (!receivedLast && takenBytes - saidTakenBytes >= WINDOW_BYTES / 2) {
                saidTakenBytes = takenBytes;
                taken = StreamPacket.beat(transmittedCount, takenBytes);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            lock.unlock();
        }
        if (taken != null) {
            sendQuietly(taken);
        }
        return next;
    }

    private static IOException again(@Nullable IOException failure) {
        return switch (failure) {
            case null -> new ExchangeEndedException("the stream is over");
            case ClusterException e -> new ClusterException(e.reason(), String.valueOf(e.getMessage()));
            case ExchangeEndedException e -> new ExchangeEndedException(String.valueOf(e.getMessage()));
            default -> new IOException(failure.getMessage(), failure.getCause());
        };
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted in a stream between nodes");
    }

    // The end.

    /** Ends the stream: neither side wants more of it. Has no effect if it is over. Any thread may call it. */
    public void cancel() {
        abort(cancelled());
    }

    /**
     * Ends both ends of the stream with an error. Has no effect if the stream is over. Any thread may call it.
     *
     * @param why what the users of this end get; the other end gets its reason, if it has one
     */
    public void abort(IOException why) {
        if (fail(why)) {
            sendQuietly(StreamPacket.abort(why));
        }
    }

    private static IOException cancelled() {
        return new ExchangeEndedException("the stream was cancelled");
    }

    /**
     * Ends this end of the stream with an error. Messages that have arrived can still be received.
     *
     * @param why what the users of this end get
     * @return false if the stream was over before
     */
    public boolean fail(IOException why) {
        lock.lock();
        try {
            if (failure != null) {
                return false;
            }
            failure = why;
            if (!opens) {
                letGo();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return over.complete(null);
    }

    /** Ends the stream if it is not over, and drops the messages that have arrived. Nothing is received any more. */
    public void discard() {
        cancel();
        lock.lock();
        try {
            waiting.clear();
            letGo();
        } finally {
            lock.unlock();
        }
    }

    // Called by the bus.

    /**
     * Takes a packet of the other end.
     *
     * @param packet the packet, in the order in which they were sent
     */
    public void received(StreamPacket packet) {
        String broken;
        lock.lock();
        try {
            isSilent = false;
            takenByOtherBytes = Math.max(takenByOtherBytes, Math.min(packet.takenBytes(), sentBytes));
            changed.signalAll();
            broken = failure != null ? null : take(packet);
        } finally {
            lock.unlock();
        }
        if (broken != null) {
            abort(new ClusterException(ClusterException.Reason.LOST, broken));
        } else if (packet.failure() != null) {
            fail(packet.failure());
        } else if (opens && packet.kind() == Kind.LAST) {
            fail(new ExchangeEndedException("the other node has sent the last message of the stream"));
        }
    }

    /** Takes a packet. Returns what is wrong with it; null if nothing is. */
    private @Nullable String take(StreamPacket packet) {
        Message message = packet.message();
        if (message == null) {
            return packet.kind() == Kind.BEAT && packet.number() > receivedCount ? lost() : null;
        }
        if (receivedLast) {
            return "a message came after the last one of a stream";
        }
        if (packet.number() != receivedCount + 1) {
            return lost();
        }
        if (receivedBytes - takenBytes >= WINDOW_BYTES) {
            return "the other node sends more of a stream than it may";
        }
        receivedCount++;
        long cost = costOf(message);
        receivedBytes += cost;
        if (memory != null) {
            memory.take(cost);
        }
        receivedLast = packet.kind() == Kind.LAST;
        waiting.add(new Piece(message, receivedLast));
        return null;
    }

    private static String lost() {
        return "messages of a stream between two nodes were lost";
    }

    /**
     * Sends a sign of life, and ends the stream if the other node gives none. Called regularly; see {@link #BEAT}.
     *
     * @param nowNanos the time now, of a clock of any origin
     */
    public void beat(long nowNanos) {
        StreamPacket sign;
        boolean isDead;
        lock.lock();
        try {
            if (!isSilent) {
                isSilent = true;
                heardNanos = nowNanos;
            }
            isDead = nowNanos - heardNanos >= SILENT_NANOS;
            sign = StreamPacket.beat(transmittedCount, takenBytes);
        } finally {
            lock.unlock();
        }
        if (isDead) {
            fail(new ClusterException(
                    ClusterException.Reason.LOST,
                    "the other node of a stream has been silent for " + SILENCE_MAX.toSeconds() + " s"));
        } else {
            sendQuietly(sign);
        }
    }
}
