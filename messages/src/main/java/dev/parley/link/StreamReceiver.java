package dev.parley.link;

import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.frame.FrameException;
import dev.parley.frame.Header;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The receiving direction of a stream: messages wait here until the user takes them, and the peer gets further credit
 * only then. So the memory of the waiting messages is bounded, whatever the peer does.
 *
 * <p>The loop's thread adds messages, and a user's thread takes them. Neither waits for a lock that the other one
 * holds.
 */
public final class StreamReceiver {
    /** The minimum number of bytes of a grant. Smaller grants are combined, since each grant is a message. */
    private static final int GRANT_BYTES_MIN = StreamSender.FIRST_CREDIT_BYTES / 2;

    /**
     * The maximum number of messages that may wait. It is the number of bytes of the first credit, so only messages
     * without content, which cost no credit, can exceed it.
     */
    private static final int WAITING_MAX = StreamSender.FIRST_CREDIT_BYTES;

    /**
     * The maximum memory of the headers of messages that wait, in bytes: 256 for each message that may wait. They cost
     * no credit either.
     */
    private static final int HEADERS_BYTES_MAX = WAITING_MAX * 256;

    /**
     * The maximum number of marks, which have no content, that a peer may send. A stream needs one to open and one to
     * end.
     */
    private static final int MARKS_MAX = 1_000;

    private final StreamLink link;
    private final long id;
    private final ReentrantLock oneReceiver = new ReentrantLock();
    private final Waiter waiter = new Waiter();
    private final Queue<Message> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicInteger waitingHeaderBytes = new AtomicInteger();
    private volatile boolean ended;
    private volatile @Nullable IOException over;
    private volatile boolean discarded;

    /** The header of the mark that has ended this direction; null if none has. */
    private volatile @Nullable Header endMark;

    /** Gets the header of the first message, and is null from then on. Used by the receiving thread. */
    private @Nullable Consumer<Header> headerReader;

    /**
     * The number of bytes that the user has taken, and for which the peer has not got new credit yet. Guarded by {@link
     * #oneReceiver}.
     */
    private int ungrantedBytes;

    // Used only on the loop's thread.
    private int marks;
    private boolean hasReceived;
    private long windowBytes = StreamSender.FIRST_CREDIT_BYTES;
    private long receivedBytes;

    /** Makes the incoming direction of the exchange with this id. */
    public StreamReceiver(StreamLink link, long id) {
        this.link = link;
        this.id = id;
    }

    // Called on the loop's thread.

    /**
     * Adds a message of this direction that has arrived.
     *
     * @param message the message, which is kept; the last message does not have the key {@code more}
     * @return false if the peer was not allowed to send it, and so broke the protocol; then nothing was added
     */
    public boolean add(Message message) {
        int length = message.frame().wireLength();
        if (windowBytes <= 0 && length > 0 || mayNotWait()) {
            return false;
        }
        hasReceived = true;
        windowBytes -= length;
        receivedBytes += message.contentLength();
        if (over != null) {
            return true;
        }
        if (StreamMessages.isMark(message)) {
            if (++marks > MARKS_MAX) {
                return false;
            }
            if (!message.header().hasMore()) {
                endMark = message.header();
            }
        } else {
            waiting.incrementAndGet();
            count(message, 1);
            arrived.add(message);
        }
        if (!message.header().hasMore()) {
            ended = true;
        }
        waiter.wake();
        return true;
    }

    private void count(Message message, int sign) {
        int headerBytes = message.header().othersBytes();
        waitingBytes.addAndGet(sign * StreamMessages.heldBytes(message, headerBytes));
        waitingHeaderBytes.addAndGet(sign * headerBytes);
    }

    /** Returns true if a message has arrived. Called on the loop's thread. */
    public boolean hasReceived() {
        return hasReceived;
    }

    private boolean mayNotWait() {
        return waiting.get() > WAITING_MAX || waitingHeaderBytes.get() > HEADERS_BYTES_MAX;
    }

    /** Returns the bytes of all contents that have arrived. Called on the loop's thread. */
    public long receivedBytes() {
        return receivedBytes;
    }

    /** Returns the memory that the waiting messages take, in bytes. Any thread may call this. */
    public long heldBytes() {
        return discarded ? 0 : waitingBytes.get();
    }

    /** Returns true if the peer has sent its last message. Any thread may call this. */
    public boolean hasEnded() {
        return ended;
    }

    /**
     * Stops the direction. A receiving thread still gets the messages that have already arrived, and then this
     * exception. Only the first call has an effect.
     */
    public void stop(IOException why) {
        if (over == null && !ended) {
            over = why;
            waiter.wake();
        }
    }

    /** Stops the direction, and drops the messages that have already arrived. */
    public void discard(IOException why) {
        if (over == null) {
            over = why;
        }
        discarded = true;
        arrived.clear();
        waiter.wake();
    }

    // Called by users.

    /**
     * Sets a function that gets the header of the first message when the user takes it. If the direction ends without a
     * message, the function gets the header of the mark that ends it. Called before the first message is taken.
     */
    public void readFirstHeader(Consumer<Header> reader) {
        headerReader = reader;
    }

    /** Called at the end of the direction, by the receiving thread. */
    void reachedEnd() {
        Header mark = endMark;
        if (mark != null) {
            taken(mark);
        }
    }

    private void taken(Header header) {
        Consumer<Header> reader = headerReader;
        if (reader != null) {
            headerReader = null;
            reader.accept(header);
        }
    }

    /**
     * Waits for the next piece and takes it. The calling thread must be allowed to block.
     *
     * @return the piece; null at the end of the stream
     * @throws IOException if the stream is over without an end; this is a copy of the exception that was passed to
     *     {@link #stop}
     * @throws ContentException if the piece cannot be uncompressed
     */
    public @Nullable Message receive() throws IOException {
        EventLoop.checkMayBlock("receiving from a stream", "use a virtual thread");
        oneReceiver.lock();
        try {
            waiter.await(() -> !arrived.isEmpty() || ended || over != null, "waiting for the next of a stream");
            return taken();
        } finally {
            oneReceiver.unlock();
        }
    }

    /** Sets a task that is run on the loop's thread after each change of this direction. */
    public void observe(Runnable task) {
        waiter.observe(task);
    }

    /**
     * Takes the next piece, if one has arrived, on the loop's thread. A direction is read in this way, or by {@link
     * #receive}, but not by both.
     *
     * @return the piece; null if none has arrived, or the stream has ended
     * @throws IOException if the stream is over without an end
     * @throws ContentException if the piece cannot be uncompressed
     */
    public @Nullable Message poll() throws IOException {
        return taken();
    }

    /**
     * Throws if everything that has arrived was taken, and the stream is over without an end.
     *
     * @return null
     * @throws IOException the reason
     */
    public @Nullable Message pollFailure() throws IOException {
        return arrived.isEmpty() ? taken() : null;
    }

    /** Returns true if everything that has arrived was taken, and the peer has sent its last message. */
    public boolean isAtEnd() {
        return ended && arrived.isEmpty();
    }

    private @Nullable Message taken() throws IOException {
        Message next = arrived.poll();
        if (next != null) {
            waiting.decrementAndGet();
            count(next, -1);
            taken(next.frame().wireLength());
            taken(next.header());
            return unpacked(next);
        }
        IOException why = over;
        if (why != null && (!ended || discarded)) {
            throw Failures.own(why); // each receiving thread gets a copy with its own stack trace
        }
        if (isAtEnd()) {
            reachedEnd();
        }
        return null;
    }

    /**
     * Uncompresses a piece on the user's thread, and not on the loop, since the peer determines how long this takes.
     */
    private Message unpacked(Message next) {
        try {
            return next.unpacked(link.limits().contentBytesMax());
        } catch (FrameException e) {
            throw ContentException.of(e);
        }
    }

    private void taken(int bytes) {
        ungrantedBytes += bytes;
        if (ungrantedBytes >= GRANT_BYTES_MIN && !ended) {
            int granted = ungrantedBytes;
            ungrantedBytes = 0;
            if (link.loop().isCurrent()) {
                grant(granted);
            } else {
                link.loop().tryExecute(() -> grant(granted));
            }
        }
    }

    private void grant(int bytes) {
        if (over == null && !ended) {
            windowBytes += bytes;
            link.grant(id, bytes);
        }
    }
}
