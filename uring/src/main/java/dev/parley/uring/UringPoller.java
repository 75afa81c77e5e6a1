package dev.parley.uring;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.Set;

/**
 * The poller of a loop over io_uring: it polls, connects, and registers listening sockets on one {@link UringCore}. It
 * also decides how long a loop that ends waits for last bytes: at most a second.
 */
final class UringPoller implements Poller {
    /** The time that {@link #close} lets last bytes be sent, and then waits until the kernel has cancelled the rest. */
    private static final long LAST_NANOS = 1_000_000_000L;

    private final UringCore core;
    private final Ticker ticker;
    private final Wakeup wakeup;

    UringPoller(Set<Feature> features, RingSizes sizes, DirectMemory memory, Ticker ticker) throws IOException {
        this.ticker = ticker;
        core = new UringCore(features, sizes, memory);
        try {
            wakeup = new Wakeup(core);
        } catch (IOException | RuntimeException | Error e) {
            core.free();
            throw e;
        }
    }

    UringCore core() {
        return core;
    }

    private void own() {
        if (core.own()) {
            wakeup.arm();
        }
    }

    @Override
    public void register(ServerChannel channel, AcceptSink sink) {
        own();
        ((UringServerChannel) channel).register(core, sink);
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        own();
        return UringChannel.connect(core, endpoint, options, sink);
    }

    @Override
    public void poll(long timeoutNanos) throws IOException {
        own();
        core.beginPoll();
        try {
            core.turn(timeoutNanos != 0, timeoutNanos);
            // The loop fires timers next, so everything that is ready by now must be reported before, however much it
            // is.
            for (int left = core.handles(); timeoutNanos == 0 && left >= 0 && core.hasMoreInside(); left--) {
                core.turn(false, 0);
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
        return core.slowBuffers().lastBytes();
    }

    @Override
    public void close() throws IOException {
        own();
        try {
            turnUntilLeft(1); // the wake-up
            wakeup.close();
            core.giveUpAll();
            turnUntilLeft(0);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            core.free();
        }
    }

    /**
     * Runs turns until only so many handles are left, or the time is over. A turn ends at its first completion, so the
     * number of turns says nothing about the time.
     */
    private void turnUntilLeft(int handles) throws IOException {
        long beginNanos = ticker.nanos();
        long leftNanos = LAST_NANOS;
        while (core.handles() > handles && leftNanos > 0) {
            core.turn(true, leftNanos);
            leftNanos = LAST_NANOS - (ticker.nanos() - beginNanos);
        }
    }
}
