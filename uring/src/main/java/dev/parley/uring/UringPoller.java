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
import java.util.Set;

/**
 * The part of io_uring that a loop calls: it polls, and makes the connections and listening sockets of one {@link
 * UringCore}.
 */
final class UringPoller implements Poller {
    /** The number of waits, each of {@link #LAST_WAIT_NANOS}, for which {@link #close} waits for last bytes. */
    private static final int LAST_WAITS = 20;

    private static final long LAST_WAIT_NANOS = 50_000_000L;

    private final UringCore core;
    private final Wakeup wakeup;

    UringPoller(Set<Feature> features, RingSizes sizes, DirectMemory memory) throws IOException {
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
            // Timers are judged next, so everything that is ready by now must be reported first, however much it is.
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
            for (int left = LAST_WAITS; left > 0 && core.handles() > 1; left--) {
                core.turn(true, LAST_WAIT_NANOS);
            }
            wakeup.close();
            if (core.handles() > 1) {
                core.giveUpAll();
            }
            for (int left = LAST_WAITS; left > 0 && core.handles() > 0; left--) {
                core.turn(true, LAST_WAIT_NANOS);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            core.free();
        }
    }
}
