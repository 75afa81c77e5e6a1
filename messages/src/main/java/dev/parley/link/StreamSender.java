package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Direction;
import dev.parley.frame.Header;
import dev.parley.net.EventLoop;
import dev.parley.net.FileRegion;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The direction of a stream in which we send. A sender waits while the peer has granted no credit, and while what it
 * sent before has not left: so a reader that is slow holds back its own sender, and nobody else.
 *
 * <p>Threads of users send; the loop's thread takes what they sent and puts it on the wire. Neither waits for a lock
 * that the other one holds.
 */
public final class StreamSender {
    /** What each direction may send before the first grant (docs/protocol.md, section 13). */
    public static final int FIRST_CREDIT_BYTES = 65_536;

    /** More credit than that is of no use to anybody. */
    private static final long ENOUGH_BYTES = 4L * Integer.MAX_VALUE;

    /** So much may wait for its turn on the connection: many streams that wait must not fill the memory. */
    private static final int WAITING_BYTES_MAX = 16 * 1024;

    private static final int WAITING_MAX = 64;

    private final StreamLink link;
    private final Direction direction;
    private final ReentrantLock oneSender = new ReentrantLock();
    private final Waiter waiter = new Waiter();
    private final Queue<OutboundMessage> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final AtomicInteger waitingHeldBytes = new AtomicInteger();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong credit = new AtomicLong(FIRST_CREDIT_BYTES);
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile @Nullable Message last;
    private volatile @Nullable IOException over;

    // The loop's thread.
    private long id;
    private boolean ended;
    private boolean sentLast;
    private boolean inTurn;

    /** The outgoing direction of the exchange with this id. */
    public StreamSender(StreamLink link, Direction direction, long id) {
        this.link = link;
        this.direction = direction;
        this.id = id;
    }

    /** The exchange's; the loop's thread. */
    public long id() {
        return id;
    }

    /** A client's exchange has its id when its first message leaves; the loop's thread. */
    public void id(long given) {
        id = given;
    }

    // What users call.

    /**
     * Sends a piece that others follow, and waits for its turn. A thread that may block.
     *
     * @throws IOException when the stream is over; what {@link #stop} said
     * @throws IllegalStateException after {@link #end}
     * @throws IllegalArgumentException when the header or content of the piece is longer than {@link StreamLink#limits}
     */
    public void send(Message message) throws IOException {
        send(new OutboundMessage(StreamMessages.followed(message, direction, link.limits()), null));
    }

    /**
     * Sends a part of a file as the content of a piece that others follow, and waits for its turn. A thread that may
     * block.
     *
     * @param content at least a byte; it is released, be it that it is not sent
     * @throws IOException when the stream is over; what {@link #stop} said
     * @throws IllegalStateException after {@link #end}
     */
    public void send(FileRegion content) throws IOException {
        var piece = new OutboundMessage(StreamMessages.ofFile(content.remainingBytes()), content);
        try {
            send(piece);
        } catch (IOException | RuntimeException notSent) {
            piece.drop();
            throw notSent;
        }
    }

    private void send(OutboundMessage piece) throws IOException {
        EventLoop.checkMayBlock("sending on a stream", "use a virtual thread");
        oneSender.lock();
        try {
            waiter.await(
                    () -> over != null || last != null || hasRoom(piece.contentBytes()), "waiting to send on a stream");
            if (!offer(piece)) {
                throw new IllegalStateException("sent on a stream after its end");
            }
        } finally {
            oneSender.unlock();
        }
    }

    /** Takes a piece where it may go now; whether it was taken. */
    private boolean offer(OutboundMessage piece) throws IOException {
        IOException why = over;
        if (why != null) {
            throw Failures.own(why); // each who sends has a stack of its own
        }
        int length = piece.contentBytes();
        if (last != null || !hasRoom(length)) {
            return false;
        }
        credit.addAndGet(-length);
        waitingBytes.addAndGet(length);
        waitingHeldBytes.addAndGet(piece.heldBytes());
        waitingCount.incrementAndGet();
        waiting.add(piece);
        if (last != null && waiting.remove(piece)) {
            left(piece); // another thread has ended it meanwhile, and the end may have gone before
            credit.addAndGet(length);
            tell(); // or it waited for this credit
            return false;
        }
        tell();
        if (over != null) {
            dropWaiting(); // it was stopped meanwhile, and nobody else will
        }
        return true;
    }

    private void left(OutboundMessage piece) {
        waitingBytes.addAndGet(-piece.contentBytes());
        waitingHeldBytes.addAndGet(-piece.heldBytes());
        waitingCount.decrementAndGet();
    }

    private boolean hasRoom(int length) {
        return credit.get() > 0
                && (waitingCount.get() == 0
                        || waitingCount.get() < WAITING_MAX && waitingBytes.get() + length <= WAITING_BYTES_MAX);
    }

    /**
     * Sends the last message when all before it have left; does not wait. Only the first call counts. Any thread.
     *
     * @throws IllegalArgumentException when its header or content is longer than {@link StreamLink#limits}
     */
    public void end(Message lastMessage) {
        if (last == null && over == null) {
            last = StreamMessages.checked(lastMessage.going(direction, Header.NO_ID), link.limits());
            tell();
            waiter.wake();
        }
    }

    private void tell() {
        if (told.compareAndSet(false, true)) {
            if (link.loop().isCurrent()) {
                takeTurn();
            } else {
                link.loop().tryExecute(this::takeTurn);
            }
        }
    }

    private void takeTurn() {
        if (over == null && !inTurn) {
            inTurn = true;
            link.ready(this);
        }
    }

    // The loop's thread.

    /** A message of this direction left without having waited here, such as the one that opened the stream. */
    public void spent(int bytes) {
        credit.addAndGet(-bytes);
    }

    /**
     * The peer grants more.
     *
     * @param bytes how much more, 0 or more
     * @return whether that changes anything: credit beyond several of the largest messages does not
     */
    public boolean grant(int bytes) {
        long before = credit.getAndAccumulate(bytes, (now, more) -> Math.min(Long.MAX_VALUE / 2, now + more));
        if (last != null) {
            tell();
        }
        waiter.wake();
        return bytes > 0 && before < ENOUGH_BYTES;
    }

    /** How much memory what waits to leave takes. */
    public long heldBytes() {
        Message end = last;
        return waitingHeldBytes.get() + (end == null || ended ? 0L : end.contentLength());
    }

    /** What goes on the wire next; null where nothing may go now. */
    @Nullable
    OutboundMessage next() {
        told.set(false);
        if (ended) {
            return null; // what a sender has just added it takes back
        }
        OutboundMessage piece = waiting.poll();
        if (piece != null) {
            left(piece);
            waiter.wake();
            return piece;
        }
        Message end = last;
        if (end == null || !waiting.isEmpty() || !mayEnd(end)) {
            return null;
        }
        ended = true;
        sentLast = true;
        return new OutboundMessage(end, null);
    }

    /** A peer that grants nothing must learn of an error all the same, and an end without content costs nothing. */
    private boolean mayEnd(Message end) {
        return credit.get() > 0 || end.contentLength() == 0 || end.status().isPresent();
    }

    /** Whether it has its turn again. */
    boolean hasNext() {
        Message end = last;
        return over == null && !ended && (!waiting.isEmpty() || end != null && mayEnd(end));
    }

    void outOfTurn() {
        inTurn = false;
    }

    /** Whether nothing can leave without a grant, and nothing waits that could. The loop's thread. */
    public boolean needsCredit() {
        Message end = last;
        return !ended && waiting.isEmpty() && credit.get() <= 0 && (end == null || !mayEnd(end));
    }

    /** Whether nothing more leaves. */
    public boolean hasEnded() {
        return ended;
    }

    /** Whether the last message has left. */
    public boolean hasSentLast() {
        return sentLast;
    }

    /** Nothing more leaves; who sends is told why. The first reason stays. */
    public void stop(IOException why) {
        if (over == null) {
            over = why;
            ended = true;
            dropWaiting();
            waiter.wake();
        }
    }

    private void dropWaiting() {
        for (OutboundMessage piece = waiting.poll(); piece != null; piece = waiting.poll()) {
            piece.drop();
        }
    }
}
