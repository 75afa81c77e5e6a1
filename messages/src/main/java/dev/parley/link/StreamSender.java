package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.EventLoop;
import dev.parley.net.SendFile;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The sending direction of a stream. It sends only as many bytes as the peer's credit allows: at first {@link
 * #FIRST_CREDIT_BYTES} in each direction, and then the bytes that the peer grants. A sender waits while it has no
 * credit, and while its earlier messages have not been sent. So a slow reader holds back only its own sender.
 *
 * <p>Users' threads add messages; the loop's thread takes them and puts them on the wire. Neither waits for a lock that
 * the other one holds.
 */
public final class StreamSender {
    /** The number of bytes that each direction may send before the first grant (docs/protocol.md, section 13). */
    public static final int FIRST_CREDIT_BYTES = 65_536;

    /** The credit beyond which more credit is useless. */
    private static final long ENOUGH_BYTES = 4L * Integer.MAX_VALUE;

    /**
     * The maximum number of bytes of one stream that may wait for their turn on the connection, so that many waiting
     * streams do not fill the memory.
     */
    private static final int WAITING_BYTES_MAX = 16 * 1024;

    private static final int WAITING_MAX = 64;

    private final StreamLink link;
    private final Direction direction;
    private final ReentrantLock oneSender = new ReentrantLock();
    private final Waiter waiter = new Waiter();
    private final Queue<OutboundMessage> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final AtomicLong waitingHeldBytes = new AtomicLong();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicLong credit = new AtomicLong(FIRST_CREDIT_BYTES);
    private final AtomicBoolean turnScheduled = new AtomicBoolean();
    private volatile @Nullable Message last;
    private volatile @Nullable IOException over;

    // Used on the loop's thread.
    private long id;
    private boolean ended;
    private boolean sentLast;
    private boolean hasSent;
    private long sentBytes;
    private boolean inTurn;

    /** Makes the outgoing direction of the exchange with this id. */
    public StreamSender(StreamLink link, Direction direction, long id) {
        this.link = link;
        this.direction = direction;
        this.id = id;
    }

    /** Returns the loop of the connection. Any thread may call this. */
    public EventLoop loop() {
        return link.loop();
    }

    /** Returns the id of the exchange. Called on the loop's thread. */
    public long id() {
        return id;
    }

    /** Sets the id, which a client's exchange only gets when its first message is sent. Called on the loop's thread. */
    public void id(long given) {
        id = given;
    }

    // Called by users.

    /**
     * Sends a piece, which other pieces will follow. Waits until the piece may be sent, so the calling thread must be
     * allowed to block.
     *
     * @throws IOException if the stream is over; this is a copy of the exception that was passed to {@link #stop}
     * @throws IllegalStateException after {@link #end}
     * @throws IllegalArgumentException if the header or content of the piece exceeds {@link StreamLink#limits}
     */
    public void send(Message message) throws IOException {
        send(new OutboundMessage(StreamMessages.followed(message, direction, link.limits()), null));
    }

    /** Returns the maximum length of the content of a piece, in bytes. Any thread may call this. */
    int contentBytesMax() {
        return link.limits().contentBytesMax();
    }

    /** Adds a task that is run after each change of this direction, on the thread of the change; it must be quick. */
    public void observe(Runnable task) {
        waiter.observe(task);
    }

    /** Removes a task that was added. */
    void forget(Runnable task) {
        waiter.forget(task);
    }

    /**
     * Sends a piece, which other pieces will follow, if it may be sent now. Any thread may call this.
     *
     * @return false if the piece must wait; {@link #observe} tells when to try again
     * @throws IOException if the stream is over
     * @throws IllegalArgumentException if the header or content of the piece exceeds {@link StreamLink#limits}
     */
    public boolean trySend(Message message) throws IOException {
        return offer(new OutboundMessage(StreamMessages.followed(message, direction, link.limits()), null));
    }

    /**
     * Sends a part of a file as the content of a piece, which other pieces will follow. Waits until the piece may be
     * sent, so the calling thread must be allowed to block.
     *
     * @param content at least one byte; it is released even if it is not sent
     * @throws IOException if the stream is over; this is a copy of the exception that was passed to {@link #stop}
     * @throws IllegalStateException after {@link #end}
     */
    public void send(SendFile.Region content) throws IOException {
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
            awaitRoomFor(piece);
            while (!offer(piece)) {
                if (last != null) {
                    throw new IllegalStateException("sent on a stream after its end");
                }
                awaitRoomFor(piece); // a publisher that the stream follows has used the credit
            }
        } finally {
            oneSender.unlock();
        }
    }

    private void awaitRoomFor(OutboundMessage piece) throws IOException {
        waiter.await(
                () -> over != null || last != null || hasRoom(piece.contentBytes()), "waiting to send on a stream");
    }

    /** Takes a piece if it may be sent now. Returns true if the piece was taken. */
    private boolean offer(OutboundMessage piece) throws IOException {
        IOException why = over;
        if (why != null) {
            throw Failures.own(why); // each sending thread gets a copy with its own stack trace
        }
        int length = piece.contentBytes();
        if (last != null || !hasRoom(length) || !spend(length)) {
            return false;
        }
        waitingBytes.addAndGet(length);
        waitingHeldBytes.addAndGet(piece.heldBytes());
        waitingCount.incrementAndGet();
        waiting.add(piece);
        if (last != null && waiting.remove(piece)) {
            // another thread ended the stream after the check above, and the last message may already be sent
            left(piece);
            credit.addAndGet(length);
            scheduleTurn(); // the last message may have waited for this credit
            return false;
        }
        scheduleTurn();
        if (over != null) {
            dropWaiting(); // the stream was stopped after the check above, and no other call drops the messages
        }
        return true;
    }

    /** Takes the credit for a message, unless another thread has just used it up. */
    private boolean spend(int length) {
        return credit.getAndUpdate(now -> now > 0 ? now - length : now) > 0;
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
     * Sends the last message after all messages before it have been sent. Does not wait. Only the first call has an
     * effect. Any thread may call it.
     *
     * @throws IllegalArgumentException if its header or content exceeds {@link StreamLink#limits}
     */
    public void end(Message lastMessage) {
        if (last == null && over == null) {
            last = StreamMessages.checked(lastMessage.going(direction, Header.NO_ID), link.limits());
            scheduleTurn();
            waiter.wake();
        }
    }

    private void scheduleTurn() {
        if (turnScheduled.compareAndSet(false, true)) {
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

    // Called on the loop's thread.

    /**
     * Subtracts credit for a message that was sent in this direction without this class, such as the message that
     * opened the stream.
     */
    public void spent(int bytes) {
        credit.addAndGet(-bytes);
    }

    /**
     * Adds credit that the peer grants.
     *
     * @param bytes the number of bytes, 0 or more
     * @return whether the credit has an effect; it has none if there was already credit for several of the largest
     *     messages
     */
    public boolean grant(int bytes) {
        long before = credit.getAndAccumulate(bytes, (now, more) -> Math.min(Long.MAX_VALUE / 2, now + more));
        if (last != null) {
            scheduleTurn();
        }
        waiter.wake();
        return bytes > 0 && before < ENOUGH_BYTES;
    }

    /** Returns the memory that the waiting messages take, in bytes. */
    public long heldBytes() {
        Message end = last;
        return waitingHeldBytes.get() + (end == null || ended ? 0L : StreamMessages.heldBytes(end));
    }

    /** Returns the next message to put on the wire, or null if no message may be sent now. */
    @Nullable
    OutboundMessage next() {
        turnScheduled.set(false);
        if (ended) {
            return null; // if a sender has just added a message, it removes the message again
        }
        OutboundMessage piece = waiting.poll();
        if (piece != null) {
            left(piece);
            hasSent = true;
            sentBytes += piece.contentBytes();
            waiter.wake();
            return piece;
        }
        Message end = last;
        if (end == null || !waiting.isEmpty() || !mayEnd(end)) {
            return null;
        }
        ended = true;
        sentLast = true;
        hasSent = true;
        sentBytes += end.contentLength();
        return new OutboundMessage(end, null);
    }

    /**
     * Returns true if the last message may be sent. Without credit, it may be sent if it is an error, which a peer that
     * grants nothing must get too, or if it has no content, which costs no credit.
     */
    private boolean mayEnd(Message end) {
        return credit.get() > 0 || end.contentLength() == 0 || end.status().isPresent();
    }

    /** Returns true if there is a message to send now. */
    boolean hasNext() {
        Message end = last;
        return over == null && !ended && (!waiting.isEmpty() || end != null && mayEnd(end));
    }

    /** Returns true if a message was put into the output. */
    public boolean hasSent() {
        return hasSent;
    }

    /** Returns the bytes of all contents that were put into the output. */
    public long sentBytes() {
        return sentBytes;
    }

    void outOfTurn() {
        inTurn = false;
    }

    /**
     * Returns true if no waiting message can be sent now, and nothing can be sent until the peer grants credit. Called
     * on the loop's thread.
     */
    public boolean needsCredit() {
        Message end = last;
        return !ended && waiting.isEmpty() && credit.get() <= 0 && (end == null || !mayEnd(end));
    }

    /** Returns the reason why the direction was stopped, or null if it was not. Any thread may call this. */
    public @Nullable IOException failureOrNull() {
        return over;
    }

    /** Returns true if no further piece will be taken, only sent. Any thread may call this. */
    boolean isEnding() {
        return last != null;
    }

    /** Returns true if nothing more will be sent. */
    public boolean hasEnded() {
        return ended;
    }

    /** Returns true if the last message was sent. */
    public boolean hasSentLast() {
        return sentLast;
    }

    /**
     * Stops the direction. Nothing more is sent, and a sending thread gets this exception. Only the first call has an
     * effect.
     */
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
