package dev.parley.link;

import dev.parley.Message;
import dev.parley.frame.FrameException;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The direction of a stream in which we receive. What has arrived waits here until it is taken, and only then is the
 * peer granted as much again: so what waits is bounded, whatever the peer does.
 *
 * <p>The loop's thread adds, a thread of the user's takes; neither waits for a lock that the other one holds.
 */
public final class StreamReceiver {
    /** Grants go together: each is a message. */
    private static final int GRANT_BYTES_MIN = StreamSender.FIRST_CREDIT_BYTES / 2;

    /** As many as the first credit has bytes: only pieces without content, which cost no credit, can be more. */
    private static final int WAITING_MAX = StreamSender.FIRST_CREDIT_BYTES;

    /** Pieces that say nothing, of which one opens a stream and one ends it. */
    private static final int MARKS_MAX = 1_000;

    private final StreamLink link;
    private final long id;
    private final ReentrantLock oneReceiver = new ReentrantLock();
    private final Waiter waiter = new Waiter();
    private final Queue<Message> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private volatile boolean ended;
    private volatile @Nullable IOException over;
    private volatile boolean discarded;

    /** Of what was taken, what the peer was not granted yet; under the lock. */
    private int ungrantedBytes;

    // The loop's thread.
    private int marks;
    private long windowBytes = StreamSender.FIRST_CREDIT_BYTES;

    /** The incoming direction of the exchange with this id. */
    public StreamReceiver(StreamLink link, long id) {
        this.link = link;
        this.id = id;
    }

    // The loop's thread.

    /**
     * A message of this direction came.
     *
     * @param message to keep; one that has no {@code more} is the last
     * @return whether the peer might send it; where not, it breaks the protocol, and nothing was taken
     */
    public boolean add(Message message) {
        int length = message.contentLength();
        if (windowBytes <= 0 && length > 0 || waiting.get() > WAITING_MAX) {
            return false;
        }
        windowBytes -= length;
        if (over != null) {
            return true;
        }
        if (StreamMessages.isMark(message)) {
            if (++marks > MARKS_MAX) {
                return false;
            }
        } else {
            waiting.incrementAndGet();
            waitingBytes.addAndGet(length);
            arrived.add(message);
        }
        if (!message.header().hasMore()) {
            ended = true;
        }
        waiter.wake();
        return true;
    }

    /** How much memory what has arrived takes; any thread. */
    public long heldBytes() {
        return discarded ? 0 : waitingBytes.get() + (long) waiting.get() * StreamMessages.OBJECTS_BYTES;
    }

    /** Whether the peer has sent its last message; any thread. */
    public boolean hasEnded() {
        return ended;
    }

    /** Nothing more comes; who receives is told why, after what has arrived before. The first reason stays. */
    public void stop(IOException why) {
        if (over == null && !ended) {
            over = why;
            waiter.wake();
        }
    }

    /** The same, and what has arrived is dropped; nobody wants it. */
    public void discard(IOException why) {
        if (over == null) {
            over = why;
        }
        discarded = true;
        arrived.clear();
        waiter.wake();
    }

    // What users call.

    /**
     * Waits for the next piece and takes it. A thread that may block.
     *
     * @return null at the end of the stream
     * @throws IOException when the stream is over without an end; what {@link #stop} said
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

    private @Nullable Message taken() throws IOException {
        Message next = arrived.poll();
        if (next != null) {
            waiting.decrementAndGet();
            waitingBytes.addAndGet(-next.contentLength());
            taken(next.contentLength());
            return unpacked(next);
        }
        IOException why = over;
        if (why != null && (!ended || discarded)) {
            throw Failures.own(why); // each who receives has a stack of its own
        }
        return null;
    }

    /** Here, and not on the loop: it takes as long as the peer likes. */
    private Message unpacked(Message next) throws IOException {
        try {
            return next.unpacked(link.limits().contentBytesMax());
        } catch (FrameException e) {
            throw new IOException(e.getMessage(), e);
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
