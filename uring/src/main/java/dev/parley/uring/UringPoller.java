package dev.parley.uring;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One loop's side of io_uring. A turn is one system call: it hands over what the turn before wants done (sends,
 * receives, closes), waits, and brings what has happened; then the sinks are notified.
 *
 * <p>Sends are copied, and the kernel takes them while they are submitted, so their memory is free one turn later:
 * there are two arenas, one that is being filled, and one whose sends have just been handed over and may still report a
 * failure.
 */
final class UringPoller implements Poller {
    private static final int GROUP = 0;
    private static final int LARGE_GROUP = 1;

    /** The number of waits, each of {@link #LAST_WAIT_NANOS}, for which {@link #close} waits for last bytes. */
    private static final int LAST_WAITS = 20;

    private static final long LAST_WAIT_NANOS = 50_000_000L;

    /**
     * The number of turns for which a shortage of buffers counts: after them, the bytes that waited have arrived, and
     * the receives that were cancelled have begun again.
     */
    private static final int SHORT_TURNS = 64;

    private static final int GENERATION_MASK = (1 << 24) - 1;

    private final DirectMemory memory;
    private final Region region;
    private final Sockets sockets;
    private final DirectWriters directWriters;
    private final Ring ring;
    private final BufferRing buffers;
    private final RingSizes sizes;

    /** Made for the first connection that receives much at once, since most servers need none. */
    private @Nullable BufferRing largeBuffers;

    private boolean largeRefused;
    private final Wakeup wakeup;
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

    UringPoller(Set<Feature> features, RingSizes sizes, DirectMemory memory) throws IOException {
        this.sizes = sizes;
        this.memory = memory;
        slowBuffers = new SlowBuffers(memory);
        region = memory.sharedRegion();
        try {
            sockets = new Sockets(region.arena());
            directWriters = new DirectWriters(region);
            closingTimeout = ClosingTimeout.timespec(region.arena());
            filling = new SendArena(memory, region);
            handedOver = new SendArena(memory, region);
            ring = Ring.open(features, sizes.submissions(), sizes.completions(), memory);
            try {
                buffers = openBuffers(features);
                wakeup = openWakeup();
            } catch (IOException | RuntimeException | Error e) {
                ring.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    private BufferRing openBuffers(Set<Feature> features) throws IOException {
        boolean incremental = features.contains(Feature.INCREMENTAL_BUFFERS);
        return BufferRing.open(ring, incremental, GROUP, sizes.buffers(), sizes.bufferBytes(), memory);
    }

    private Wakeup openWakeup() throws IOException {
        try {
            return new Wakeup(this, region.arena());
        } catch (IOException | RuntimeException | Error e) {
            buffers.close(ring);
            throw e;
        }
    }

    // Called by the loop.

    @Override
    public void register(ServerChannel channel, AcceptSink sink) {
        own();
        ((UringServerChannel) channel).register(this, sink);
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        own();
        return UringChannel.connect(this, endpoint, options, sink);
    }

    @Override
    public void poll(long timeoutNanos) throws IOException {
        own();
        polls++;
        try {
            enter(timeoutNanos != 0 && due.isEmpty() && !ring.hasNext(), timeoutNanos);
            tell();
            // Timers are judged next, so everything that is ready by now must be reported first, however much it is.
            for (int left = open; timeoutNanos == 0 && left >= 0 && ring.hasMoreInside(); left--) {
                enter(false, 0);
                tell();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void wakeup() {
        wakeup.wake();
    }

    @Override
    public long heldBytes() {
        return slowBuffers.lastBytes();
    }

    @Override
    public void close() throws IOException {
        own();
        try {
            for (int left = LAST_WAITS; left > 0 && open > 1; left--) {
                enter(due.isEmpty() && !ring.hasNext(), LAST_WAIT_NANOS);
                tell();
            }
            wakeup.close();
            if (open > 1) {
                cancelAll();
            }
            for (int left = LAST_WAITS; left > 0 && open > 0; left--) {
                enter(due.isEmpty() && !ring.hasNext(), LAST_WAIT_NANOS);
                tell();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            free();
        }
    }

    /** Gives up all connections: the loop ends, and bytes for peers that do not read are lost. */
    private void cancelAll() {
        for (RingHandle owner : owners) {
            if (owner instanceof UringChannel channel) {
                channel.giveUp();
            }
        }
    }

    private void free() throws IOException {
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

    private void own() {
        Thread owner = thread;
        if (owner == null) {
            thread = Thread.currentThread();
            wakeup.arm();
        } else if (owner != Thread.currentThread()) {
            throw new IllegalStateException("the ring of the thread " + owner.getName() + " was used by the thread "
                    + Thread.currentThread().getName());
        }
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    // One turn.

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
    private void tell() {
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
            throw new IllegalStateException(operation + " of nobody");
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
