package dev.parley.testkit;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection through the proxy, to which it applies the faults. It is a queue of bytes, and of
 * events between them. Each item has a time before which it must not be passed on. Used only on the loop's thread.
 */
final class ProxyPipe implements FrameTap.Onward {
    /** If a timer fires late by up to this time, the delay is made up for, so that later pieces are not delayed too. */
    private static final long CATCH_UP_NANOS = Duration.ofMillis(20).toNanos();

    /** If the bandwidth is limited, the bytes are sent in about this many pieces per second. */
    private static final int PIECES_PER_SECOND = 50;

    private static final long NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

    /** An item of the queue: bytes, or an event that happens when everything before it was passed on. */
    private record Item(ByteBuffer bytes, @Nullable Runnable happens, long dueNanos) {}

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    private final ProxyLink link;
    private final Toxics toxics;
    private final List<MessageFault> faults;
    private final RandomGenerator random;
    private final int bytesMax;
    private final FrameTap watch;
    private final EventLoop loop;

    private final Queue<Item> line = new ArrayDeque<>();
    private long lineBytes;
    private long lastDueNanos;
    private long freeAtNanos;
    private @Nullable Timer timer;

    private @Nullable LoopConnection source;
    private @Nullable LoopConnection sink;
    private boolean sinkFull;
    private boolean paused;

    /** True if bytes that arrive are dropped, and not added to the queue any more. */
    private boolean inputOver;

    /** True if nothing is passed on any more. The items in the queue are dropped. */
    private boolean outputOver;

    /** True if the stream ended before the connection to the receiving end was open. */
    private boolean endsWhenOpen;

    private boolean vanishes;
    private long leftBytes;
    private @Nullable FaultSum faultSum;
    private long faultSumAt;

    ProxyPipe(ProxyLink link, EventLoop loop, boolean requests, Exchanges exchanges, ProxyLink.Faults with) {
        this.link = link;
        this.loop = loop;
        toxics = requests ? with.towardsServer() : with.towardsClient();
        faults = requests ? with.onRequests() : with.onResponses();
        random = with.random();
        bytesMax = with.bufferBytes();
        watch = new FrameTap(requests, exchanges, this);
        lastDueNanos = loop.freshNanos();
        freeAtNanos = lastDueNanos;
    }

    void from(LoopConnection connection) {
        source = connection;
    }

    /** Called when the connection to the receiving end is open. */
    void to(LoopConnection connection) {
        sink = connection;
        if (endsWhenOpen) {
            connection.shutdownOutput();
        }
        pump();
    }

    // Events of the sending end.

    void receive(ByteBuffer bytes) {
        if (inputOver || outputOver) {
            return;
        }
        var copy = new byte[bytes.remaining()];
        bytes.get(copy);
        watch.look(copy);
        if (lineBytes >= bytesMax && !paused && source != null) {
            paused = true;
            source.pauseReading();
        }
        pump();
    }

    void end() {
        if (!inputOver) {
            watch.end();
            happen(this::endSink);
            inputOver = true;
            pump();
        }
    }

    /** Called when the connection of the sending end was reset. Bytes that are already in the queue still arrive. */
    void broke() {
        if (outputOver || sinkFull) {
            inputOver = true;
            link.reset();
        } else {
            resetInLine();
        }
    }

    private void resetInLine() {
        if (!inputOver) {
            happen(this::resetWhenSent);
            inputOver = true;
            pump();
        }
    }

    private void resetWhenSent() {
        outputOver = true;
        link.resetWhenSent();
    }

    private void endSink() {
        outputOver = true;
        if (sink != null) {
            sink.shutdownOutput();
        } else {
            endsWhenOpen = true;
        }
    }

    // Events of the receiving end.

    void writable() {
        sinkFull = false;
        pump();
    }

    private void vanish() {
        vanishes = true;
        link.closeIfNothingCanPass(); // the end may be behind this in the queue, and is lost
    }

    /** Returns true if this pipe passes on neither the end of the stream nor a reset, because of a black hole. */
    boolean vanishes() {
        return vanishes;
    }

    /** Drops all bytes. Called when the receiver is gone. The sender is still read, so that its end is noticed. */
    void discard() {
        outputOver = true;
        pump();
    }

    // Faults of messages.

    @Override
    public boolean holds() {
        return !faults.isEmpty();
    }

    @Override
    public void known(FrameTap.Message message) {
        var sum = new FaultSum();
        faults.forEach(fault -> fault.meet(sum, message, random));
        faultSum = sum;
        faultSumAt = 0;
        if (sum.delayNanos > 0) {
            lastDueNanos = later(lastDueNanos, loop.freshNanos() + sum.delayNanos);
        }
        if (sum.blackholed) {
            happen(this::vanish);
        }
        if (sum.resetAfterBytes == 0) {
            resetInLine();
        }
    }

    @Override
    public void pass(byte[] bytes, int from, int to) {
        FaultSum now = faultSum;
        if (now == null) {
            add(bytes, from, to);
            return;
        }
        long at = faultSumAt;
        faultSumAt += to - from;
        if (now.corruptedAt >= at && now.corruptedAt < faultSumAt) {
            corrupt(ByteBuffer.wrap(bytes), from + (int) (now.corruptedAt - at));
        }
        boolean cut = now.resetAfterBytes != FaultSum.NEVER && faultSumAt >= now.resetAfterBytes;
        if (!now.dropped) {
            add(bytes, from, cut ? from + (int) Math.max(0, now.resetAfterBytes - at) : to);
        }
        if (cut) {
            resetInLine();
        }
    }

    @Override
    public void over() {
        faultSum = null;
    }

    // The queue.

    private void add(byte[] bytes, int from, int to) {
        if (!inputOver && to > from) {
            line.add(new Item(ByteBuffer.wrap(bytes, from, to - from), null, due()));
            lineBytes += to - from;
        }
    }

    private void happen(Runnable what) {
        line.add(new Item(NO_BYTES, what, due()));
    }

    /**
     * Returns the time at which a new item is due. This time is never earlier than the time of the previous item, since
     * a stream keeps its order.
     */
    private long due() {
        lastDueNanos = later(lastDueNanos, loop.freshNanos() + toxics.latency().draw(random));
        return lastDueNanos;
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /** Passes on the items that are due, and sets a timer for the next item. */
    void pump() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        boolean goesOn = true;
        while (goesOn && !outputOver && !line.isEmpty()) {
            goesOn = pumpOne(line.element());
        }
        if (outputOver) {
            line.clear();
            lineBytes = 0;
        }
        if (paused && lineBytes <= bytesMax / 2 && source != null) {
            paused = false;
            source.resumeReading();
        }
    }

    private boolean pumpOne(Item next) {
        LoopConnection to = sink;
        long now = loop.freshNanos();
        long at = later(next.dueNanos(), freeAtNanos);
        if (at - now > 0) {
            comeBackAfter(at - now);
            return false;
        }
        if (sinkFull) {
            return false;
        }
        Runnable happens = next.happens();
        if (happens != null) {
            return pumpEvent(happens);
        }
        return to != null && pumpBytes(to, next.bytes(), later(at, now - CATCH_UP_NANOS));
    }

    private void comeBackAfter(long nanos) {
        timer = loop.schedule(Duration.ofNanos(nanos), this::pump);
    }

    /**
     * Handles an event. While {@link Toxics#blackhole(boolean)} is on, the event waits until it is switched off. After
     * {@link MessageFault#blackhole}, the event is lost.
     */
    private boolean pumpEvent(Runnable happens) {
        if (toxics.isBlackhole()) {
            return false;
        }
        line.remove();
        if (!vanishes) {
            happens.run();
        }
        return true;
    }

    private boolean pumpBytes(LoopConnection to, ByteBuffer bytes, long at) {
        Toxics.Limit limit = toxics.limit();
        Toxics.Slices slices = toxics.slices();
        long rate = toxics.bytesPerSecond();
        long count = bytes.remaining();
        long pauseNanos = 0;
        if (limit != null) {
            count = Math.min(count, Math.max(0, limit.bytes() - leftBytes));
        }
        if (slices != null) {
            count = Math.min(count, random.nextLong(slices.bytesMin(), slices.bytesMax() + 1L));
            pauseNanos = slices.betweenNanos();
        }
        if (rate != Toxics.NEVER) {
            count = Math.min(count, Math.max(1, rate / PIECES_PER_SECOND));
            pauseNanos += count * NANOS_PER_SECOND / rate;
        }
        freeAtNanos = at + pauseNanos;
        leave(to, bytes, (int) count);
        if (limit != null && leftBytes >= limit.bytes()) {
            reached(limit.ending());
        } else if (slices != null && pauseNanos == 0 && !line.isEmpty()) {
            comeBackAfter(0); // continue in a later turn, so that the piece is sent alone
            return false;
        }
        return true;
    }

    private void leave(LoopConnection to, ByteBuffer bytes, int count) {
        ByteBuffer piece = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        lineBytes -= count;
        if (!bytes.hasRemaining()) {
            line.remove();
        }
        corruptByToxic(piece);
        leftBytes += count;
        if (!vanishes && !toxics.isBlackhole()) {
            sinkFull = !to.send(piece);
        }
    }

    private void corruptByToxic(ByteBuffer piece) {
        long every = toxics.corruptEvery();
        if (every != Toxics.NEVER) {
            for (long at = every - 1 - leftBytes % every; at < piece.limit(); at += every) {
                corrupt(piece, (int) at);
            }
        }
        long at = toxics.corruptAt() - leftBytes;
        if (toxics.corruptAt() != Toxics.NEVER && at >= 0 && at < piece.limit()) {
            corrupt(piece, (int) at);
        }
    }

    private void corrupt(ByteBuffer bytes, int at) {
        bytes.put(at, (byte) (bytes.get(at) ^ random.nextInt(1, 256)));
    }

    private void reached(Toxics.Ending ending) {
        switch (ending) {
            case RESET -> resetWhenSent();
            case CLOSE -> link.close();
            case END -> endSink();
        }
    }
}
