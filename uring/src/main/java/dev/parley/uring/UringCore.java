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
 * The core of a loop's poller over io_uring. It decides the order of the steps in a turn, and owns the ring, the
 * memory, and the table of the handles, which submit operations. It knows neither connections nor listening sockets. A
 * turn is one system call: it hands over the operations that were submitted since the last turn (sends, receives,
 * closes), waits, and brings the completions; then the handles are notified. Used on the loop's thread.
 *
 * <p>The bytes of sends are copied into an arena, and the kernel takes them while they are submitted, so their memory
 * is free one turn later. There are two arenas: one is being filled; the sends of the other one were handed over in the
 * last system call, and may still report a failure.
 */
final class UringCore {
    private static final int GROUP = 0;
    private static final int LARGE_GROUP = 1;

    /**
     * The number of turns for which the buffers count as short after a receive has found none. After so many turns, the
     * bytes that waited have arrived, and the receives that were cancelled have begun again.
     */
    private static final int SHORT_TURNS = 64;

    /**
     * If the peer of a closed connection takes none of our last bytes for this time, or too few, the connection is
     * given up; see {@link ClosingTimeout}.
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

    /** The buffers for large receives; null until a connection first needs them, because most servers never do. */
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

    /**
     * The number of the turn, which rises when all sends of the turn before have been handed over. It is only compared
     * for equality, so it may overflow.
     */
    private int turn;

    /** The number of polls. It is only compared for equality, so it may overflow. */
    private int polls;

    private int acceptsLeft;

    /** The number of turns, from now on, in which the buffers still count as short; 0 if they do not. */
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

    /** Gives up all connections, because the loop ends. Bytes for peers that do not read are lost. */
    void giveUpAll() {
        for (RingHandle owner : owners) {
            if (owner != null) {
                owner.giveUp();
            }
        }
    }

    /**
     * Frees the ring and all memory. Operations are under way only if a turn has failed. The end of the ring cancels
     * them without completions, so this method also closes and frees what their owners still have.
     */
    void free() throws IOException {
        try {
            closeBuffers();
        } finally {
            closeLeftInQueues();
            ring.close();
            for (RingHandle owner : owners) {
                if (owner != null) {
                    owner.abandon();
                }
            }
            slowBuffers.close();
            filling.close();
            handedOver.close();
            region.close();
        }
    }

    private void closeBuffers() throws IOException {
        try {
            buffers.close(ring);
        } finally {
            if (largeBuffers != null) {
                largeBuffers.close(ring);
            }
        }
    }

    /** Closes the descriptors that the kernel was not asked yet to close, and those of accepted sockets. */
    private void closeLeftInQueues() {
        Submissions.closePending(ring, sockets);
        for (int at = ring.cursor(); at != ring.end(); at++) {
            long completion = ring.at(at);
            if (Operation.of(Ring.tagOf(completion)) == Operation.ACCEPT && Ring.resultOf(completion) >= 0) {
                sockets.close(Ring.resultOf(completion));
            }
        }
    }

    /**
     * Binds the ring to the calling thread if it is not bound to a thread yet.
     *
     * @return true if this was the first call
     * @throws IllegalStateException if the ring is bound to another thread
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
     * Runs a turn, and notifies the handles of their completions.
     *
     * @param mayWait false if the turn must not wait, even if there are no completions yet
     */
    void turn(boolean mayWait, long timeoutNanos) throws IOException {
        enter(mayWait && due.isEmpty() && !ring.hasNext(), timeoutNanos);
        notifyHandles();
    }

    /**
     * Begins a poll, in which each connection has a new share of bytes to pass on, and so many connections may be
     * accepted. A poll that does not wait may run several turns.
     */
    void beginPoll() {
        polls++;
        acceptsLeft = AcceptSink.ACCEPTS_PER_TURN;
    }

    /** Returns true if the kernel holds completions that the last turn did not bring. */
    boolean hasMoreInside() {
        return ring.hasMoreInside();
    }

    /** Returns the number of handles: connections, listening sockets, and the wake-up. */
    int handles() {
        return open;
    }

    private void enter(boolean wait, long timeoutNanos) throws IOException {
        ring.enter(wait, timeoutNanos);
        // Swap the arenas only if the kernel holds back no failure and has left no submission: both still need their
        // bytes.
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

    /** Handles the completions that are in the queue now. Completions that callbacks cause belong to the next turn. */
    private void notifyHandles() {
        int end = ring.end();
        notifyFailedSends(end);
        if (largeBuffers != null) {
            largeBuffers.sent();
        }
        while (ring.cursor() != end) {
            long completion = ring.next();
            notifyHandle(Ring.tagOf(completion), Ring.resultOf(completion), Ring.flagsOf(completion));
        }
        ring.release();
        if (!due.isEmpty()) {
            attendDue();
        }
    }

    /**
     * Handles failed sends before all other completions, because the next send of a connection must not overtake the
     * rest of the previous one. This needs a search: if the submission queue was full, the bytes that arrived in the
     * middle of a turn are in the queue before the failures of that turn's sends.
     */
    private void notifyFailedSends(int end) {
        for (int at = ring.cursor(); at != end; at++) {
            long completion = ring.at(at);
            long tag = Ring.tagOf(completion);
            if (Operation.isQuickSend(tag)) {
                Ring.putTag(completion, Operation.UNHEARD.tag(0));
                notifyHandle(tag, Ring.resultOf(completion), Ring.flagsOf(completion));
            }
        }
    }

    private void notifyHandle(long tag, int result, int flags) {
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
                return; // the connection of this send has been closed, so there is nothing to notify
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
            notifyBroken(owner, thrown);
        }
        if (owner.isOver() && !owner.hasUnderWay()) {
            forget(owner);
        }
    }

    private static void notifyBroken(RingHandle owner, Throwable thrown) {
        try {
            owner.broke(thrown);
        } catch (UncheckedIOException e) {
            throw e;
        } catch (Throwable again) {
            thrown.addSuppressed(again); // the other handles go on
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
                notifyBroken(owner, thrown);
            }
            if (owner.isOver() && !owner.hasUnderWay()) {
                forget(owner);
            }
        }
    }

    // Used by its owners.

    /** Gives the owner a number, by which completions find it. */
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

    /**
     * Called when the owner needs no more operations. Its number becomes free at once, or when its last operation has
     * completed.
     */
    void leave(RingHandle owner) {
        if (!owner.hasUnderWay()) {
            forget(owner);
        }
    }

    /**
     * Makes this poll or the next one call {@link RingHandle#attend} of the owner. The next poll does not wait if such
     * a call is due.
     */
    void attendLater(RingHandle owner) {
        due.add(owner);
    }

    /** Returns the number of this poll. One poll passes on only a share of each connection's bytes. */
    int polls() {
        return polls;
    }

    int turn() {
        return turn;
    }

    /** Returns true if one more connection may be accepted in this poll, and counts this connection. */
    boolean takesAccepted() {
        return acceptsLeft-- > 0;
    }

    /** Called if bytes have arrived for which no buffer was free. */
    void foundNoBuffer() {
        shortTurnsLeft = SHORT_TURNS;
        ring.shortageLog().met(Shortage.BUFFERS);
    }

    /**
     * Returns true if buffers are short, so a receive should take only one buffer, to leave some for other connections.
     */
    boolean isShortOfBuffers() {
        return shortTurnsLeft > 0;
    }

    /** Returns the arena of memory that lives as long as this object. */
    Arena arena() {
        return region.arena();
    }

    Ring ring() {
        return ring;
    }

    Sockets sockets() {
        return sockets;
    }

    /** Returns the buffers that are used by a receive, or by a completion that was handled before its turn. */
    BufferRing buffersOf(Operation receive) {
        return receive.isLarge() ? Objects.requireNonNull(largeBuffers) : buffers;
    }

    /**
     * Returns true if there are buffers for large receives. If there are none yet, they are created now, which may
     * fail.
     */
    boolean hasLargeBuffers() {
        if (largeBuffers == null && !largeRefused) {
            try {
                largeBuffers = BufferRing.open(
                        ring, false, LARGE_GROUP, sizes.largeBuffers(), sizes.largeBufferBytes(), memory);
            } catch (UringException | OutOfMemoryError notHere) {
                largeRefused = true; // the small buffers are enough, but slower
            }
        }
        return largeBuffers != null;
    }

    /**
     * Lends the large buffer at this address to a send. Returns false if the address is not in a large buffer, so that
     * the bytes must be copied.
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

    /** Returns the address of a struct __kernel_timespec that holds {@link #CLOSING_TIMEOUT_SECONDS}. */
    long closingTimeout() {
        return closingTimeout;
    }

    /**
     * Finds the oldest receive completion of one owner, before its turn comes. Its bytes must be passed on before the
     * bytes that a system call would receive now.
     *
     * @return the address of the completion, or 0 if there is none; the caller marks its tag as taken
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
     * Returns the bytes of a completion that {@link #takeReceived} has found. In the same buffer, the bytes of other
     * completions may come before them.
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
