package dev.parley.uring;

import dev.parley.net.transport.AcceptSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The core of one loop's side of io_uring: its ring, its turns, its memory, and the handles whose operations are under
 * way. It knows neither connections nor listening sockets. A turn is one system call: it hands over what the turn
 * before wants done (sends, receives, closes), waits, and brings what has happened; then the handles are notified. Used
 * on the loop's thread.
 *
 * <p>Sends are copied, and the kernel takes them while they are submitted, so their memory is free one turn later:
 * there are two arenas, one that is being filled, and one whose sends have just been handed over and may still report a
 * failure.
 */
final class UringCore {
    private static final int GROUP = 0;
    private static final int LARGE_GROUP = 1;

    /**
     * The number of turns for which a shortage of buffers counts: after them, the bytes that waited have arrived, and
     * the receives that were cancelled have begun again.
     */
    private static final int SHORT_TURNS = 64;

    /**
     * The time for which the peer of a closed connection may take nothing of its last bytes; see {@link
     * ClosingTimeout}.
     */
    static final long CLOSING_TIMEOUT_SECONDS = 10;

    private static final int GENERATION_MASK = (1 << 24) - 1;

    private final DirectMemory memory;
    private final Region region;
    private final Sockets sockets;
    private final DirectWriters directWriters;
    private final Ring ring;
    private final BufferRing buffers;
    private final RingSizes sizes;

    /** The buffers for large receives, made when a connection first needs them, since most servers never do. */
    private @Nullable BufferRing largeBuffers;

    private boolean largeRefused;
    private final long closingTimeout;

    private final List<@Nullable RingHandle> owners = new ArrayList<>();
    private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>();
    private int generation;
    private int open;

    private ArrayDeque<RingHandle> due = new ArrayDeque<>();
    private ArrayDeque<RingHandle> attended = new ArrayDeque<>();

    private SendArena filling;
    private SendArena handedOver;
    private final SlowBuffers slowBuffers;

    /** Rises when all sends of the turn before have been handed over; only compared for equality, so it may wrap. */
    private int turn;

    /** The number of polls; only compared for equality. */
    private int polls;

    private int acceptsLeft;

    /** The number of turns for which a shortage still counts; above 0 after a turn whose receives found no buffer. */
    private int shortTurnsLeft;

    private volatile @Nullable Thread thread;

    UringCore(Set<Feature> features, RingSizes sizes, DirectMemory memory) throws IOException {
        this.sizes = sizes;
        this.memory = memory;
        slowBuffers = new SlowBuffers(memory);
        region = memory.sharedRegion();
        try {
            sockets = new Sockets(region.arena());
            directWriters = new DirectWriters(region);
            closingTimeout = closingTimeoutIn(region.arena());
            filling = new SendArena(memory, region);
            handedOver = new SendArena(memory, region);
            ring = Ring.open(features, sizes.submissions(), sizes.completions(), memory);
            try {
                buffers = openBuffers(features);
            } catch (IOException | RuntimeException | Error e) {
                ring.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    private static long closingTimeoutIn(Arena arena) {
        long at = arena.allocate(16, 8).address();
        NativeMemory.putLong(at, CLOSING_TIMEOUT_SECONDS);
        return at;
    }

    private BufferRing openBuffers(Set<Feature> features) throws IOException {
        boolean incremental = features.contains(Feature.INCREMENTAL_BUFFERS);
        return BufferRing.open(ring, incremental, GROUP, sizes.buffers(), sizes.bufferBytes(), memory);
    }

    /** Gives up all connections: the loop ends, and bytes for peers that do not read are lost. */
    void giveUpAll() {
        for (RingHandle owner : owners) {
            if (owner != null) {
                owner.giveUp();
            }
        }
    }

    /** Frees the ring and all memory, once nothing is under way. */
    void free() throws IOException {
        try {
            buffers.close(ring);
            if (largeBuffers != null) {
                largeBuffers.close(ring);
            }
        } finally {
            ring.close();
            slowBuffers.close();
            filling.close();
            handedOver.close();
            region.close();
        }
    }

    /**
     * Binds the ring to the calling thread if it has none yet.
     *
     * @return true if this was the first call
     * @throws IllegalStateException if it belongs to another thread
     */
    boolean own() {
        Thread owner = thread;
        if (owner == null) {
            thread = Thread.currentThread();
            return true;
        }
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("the ring of the thread " + owner.getName() + " was used by the thread "
                    + Thread.currentThread().getName());
        }
        return false;
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    // One turn.

    /**
     * Runs a turn, and notifies the handles of what has happened.
     *
     * @param mayWait false if it must not wait even if nothing has happened yet
     */
    void turn(boolean mayWait, long timeoutNanos) throws IOException {
        enter(mayWait && due.isEmpty() && !ring.hasNext(), timeoutNanos);
        notifyHandles();
    }

    /** Begins a poll, in which each connection has another share. */
    void beginPoll() {
        polls++;
    }

    /** Returns true if the ring holds completions that the last turn did not bring. */
    boolean hasMoreInside() {
        return ring.hasMoreInside();
    }

    /** Returns the number of handles: connections, listening sockets, and the wake-up. */
    int handles() {
        return open;
    }

    private void enter(boolean wait, long timeoutNanos) throws IOException {
        ring.enter(wait, timeoutNanos);
        // A failure that the kernel could not report yet still needs the bytes that failed, and so do submissions that
        // it left here.
        if (ring.isOverflown()) {
            ring.shortageLog().met(Shortage.COMPLETIONS);
        } else if (ring.pending() == 0) {
            SendArena free = handedOver;
            handedOver = filling;
            filling = free;
            free.reset();
            if (largeBuffers != null) {
                largeBuffers.handedOver();
            }
            turn++;
            shortTurnsLeft = Math.max(0, shortTurnsLeft - 1);
        }
    }

    /** Handles the completions that are there now, and no more; those that callbacks cause belong to the next turn. */
    private void notifyHandles() {
        acceptsLeft = AcceptSink.ACCEPTS_PER_TURN;
        int end = ring.end();
        tellFailedSends(end);
        if (largeBuffers != null) {
            largeBuffers.sent();
        }
        while (ring.cursor() != end) {
            long completion = ring.next();
            tell(Ring.tagOf(completion), Ring.resultOf(completion), Ring.flagsOf(completion));
        }
        ring.release();
        if (!due.isEmpty()) {
            attendDue();
        }
    }

    /**
     * Handles failed sends before all else, since the next send of a connection must not overtake the rest of the one
     * before. If the submission queue was full, bytes that arrived in the middle of a turn come before the failures of
     * that turn's sends.
     */
    private void tellFailedSends(int end) {
        for (int at = ring.cursor(); at != end; at++) {
            long completion = ring.at(at);
            long tag = Ring.tagOf(completion);
            if (Operation.isQuickSend(tag)) {
                Ring.putTag(completion, Operation.UNHEARD.tag(0));
                tell(tag, Ring.resultOf(completion), Ring.flagsOf(completion));
            }
        }
    }

    private void tell(long tag, int result, int flags) {
        Operation operation = Operation.of(tag);
        if (operation == Operation.UNHEARD) {
            return;
        }
        if (operation.isTaken()) {
            buffersOf(operation).done(flags, result);
            return;
        }
        RingHandle owner = owners.get((int) Operation.keyOf(tag));
        if (owner == null || owner.number() != Operation.keyOf(tag)) {
            if (operation == Operation.QUICK_SEND) {
                return; // its connection was closed meanwhile, so there is nothing to notify
            }
            throw new IllegalStateException(operation + " of a handle that is gone");
        }
        boolean last = !Ring.hasMore(flags);
        if (last && operation != Operation.QUICK_SEND) {
            owner.ended();
        }
        try {
            owner.completed(operation, result, flags);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (Throwable thrown) {
            owner.broke(thrown);
        }
        if (owner.isOver() && !owner.hasUnderWay()) {
            forget(owner);
        }
    }

    private void attendDue() {
        ArrayDeque<RingHandle> now = due;
        due = attended;
        attended = now;
        for (RingHandle owner = now.poll(); owner != null; owner = now.poll()) {
            try {
                owner.attend();
            } catch (UncheckedIOException e) {
                throw e;
            } catch (Throwable thrown) {
                owner.broke(thrown);
            }
            if (owner.isOver() && !owner.hasUnderWay()) {
                forget(owner);
            }
        }
    }

    // Used by its owners.

    /** Gives the owner a number, by which its completions find it. */
    void enroll(RingHandle owner) {
        Integer free = freeNumbers.poll();
        int place = free == null ? owners.size() : free;
        generation = generation + 1 & GENERATION_MASK;
        owner.number((long) generation << Integer.SIZE | place);
        if (free == null) {
            owners.add(owner);
        } else {
            owners.set(place, owner);
        }
        open++;
    }

    private void forget(RingHandle owner) {
        if (owner.number() >= 0) {
            int place = (int) owner.number();
            owners.set(place, null);
            freeNumbers.push(place);
            owner.number(-1);
            open--;
        }
    }

    /** Notes that the owner is over, so its number is free now or after the last completion. */
    void leave(RingHandle owner) {
        if (!owner.hasUnderWay()) {
            forget(owner);
        }
    }

    /** Has {@link RingHandle#attend} called in this or the next poll, which then does not wait. */
    void attendLater(RingHandle owner) {
        due.add(owner);
    }

    /** Returns the number of this poll; one poll passes on no more than a share of each connection's bytes. */
    int polls() {
        return polls;
    }

    int turn() {
        return turn;
    }

    /** Returns true, and counts it, if one more connection may be accepted in this turn. */
    boolean takesAccepted() {
        return acceptsLeft-- > 0;
    }

    /** Notes that bytes have arrived for which no buffer was free. */
    void foundNoBuffer() {
        shortTurnsLeft = SHORT_TURNS;
        ring.shortageLog().met(Shortage.BUFFERS);
    }

    /** Returns true if a receive should take one buffer at a time, so that there is one for each connection. */
    boolean isShortOfBuffers() {
        return shortTurnsLeft > 0;
    }

    /** Returns the memory that lives as long as this. */
    Arena arena() {
        return region.arena();
    }

    Ring ring() {
        return ring;
    }

    Sockets sockets() {
        return sockets;
    }

    /** Returns the buffers that hold the bytes of a receive, or of a completion that was taken from it. */
    BufferRing buffersOf(Operation receive) {
        return receive.isLarge() ? Objects.requireNonNull(largeBuffers) : buffers;
    }

    /**
     * Returns true if there are buffers for large receives, which are made now if there were none; a kernel may refuse
     * them.
     */
    boolean hasLargeBuffers() {
        if (largeBuffers == null && !largeRefused) {
            try {
                largeBuffers = BufferRing.open(
                        ring, false, LARGE_GROUP, sizes.largeBuffers(), sizes.largeBufferBytes(), memory);
            } catch (UringException | OutOfMemoryError notHere) {
                largeRefused = true; // the others suffice, but are slower
            }
        }
        return largeBuffers != null;
    }

    /**
     * Lends the large buffer at this address to a send; returns false if the bytes do not lie in one, and so have to be
     * copied.
     */
    boolean lend(long address) {
        return largeBuffers != null && largeBuffers.lend(address);
    }

    DirectWriters directWriters() {
        return directWriters;
    }

    SlowBuffers slowBuffers() {
        return slowBuffers;
    }

    SendArena filling() {
        return filling;
    }

    /** Returns the address of a struct __kernel_timespec: how long a closed connection may still try to send. */
    long closingTimeout() {
        return closingTimeout;
    }

    /**
     * Finds the received bytes of one owner ahead of their turn, the oldest first, since they come before those that
     * another call is about to receive.
     *
     * @return the completion, or 0 if there is none; the caller marks its tag as taken
     */
    long takeReceived(RingHandle owner) {
        for (int at = ring.cursor(); at != ring.end(); at++) {
            long completion = ring.at(at);
            long tag = Ring.tagOf(completion);
            if (Operation.keyOf(tag) == owner.number() && Operation.of(tag).isReceive()) {
                return completion;
            }
        }
        return 0;
    }

    /**
     * Returns the bytes of a completion that {@link #takeReceived} found; others in the same buffer may come before it.
     */
    ByteBuffer filledOutOfTurn(long completion) {
        int before = 0;
        int flags = Ring.flagsOf(completion);
        BufferRing from = buffersOf(Operation.of(Ring.tagOf(completion)));
        for (int at = ring.cursor(); ring.at(at) != completion; at++) {
            long other = ring.at(at);
            Operation operation = Operation.of(Ring.tagOf(other));
            boolean received = operation.isReceive() || operation.isTaken();
            if (received && buffersOf(operation) == from && BufferRing.isSameBuffer(flags, Ring.flagsOf(other))) {
                before += Ring.resultOf(other);
            }
        }
        return from.filled(flags, Ring.resultOf(completion), before);
    }
}
