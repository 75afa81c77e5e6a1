package dev.parley.net.nio;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Waits for the channels of a loop with one selector, and calls those that are ready; {@link NioChannel#ready} decides
 * that a channel writes before it reads. All channels share one input buffer, in which bytes stay only
 * during a callback. Its size of 64 KiB is also the maximum that is read from one connection in a turn.
 */
final class NioPoller implements Poller {
    /**
     * The maximum number of bytes that one channel reads in one turn, so that a fast sender leaves time for other
     * peers.
     */
    private static final int INPUT_BYTES = 64 * 1024;

    private static final long NANOS_PER_MILLI = 1_000_000L;

    /**
     * If one round of the selector has brought at least this many events, more events may wait in the kernel. The JDK
     * takes at most 1,024 events at a time, one of which may be its own wake-up.
     */
    private static final int FULL_ROUND = 1_023;

    /** An object that is registered with the selector, as the attachment of its key. */
    interface Ready {
        void ready(SelectionKey key);

        /** Handles an exception that {@link #ready} has thrown, which must end only this channel, not the loop. */
        void broke(Throwable thrown);
    }

    final Selector selector;
    final ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    final ByteBuffer inputView = input.asReadOnlyBuffer();

    /**
     * The channels whose connect succeeded at once, as it does for Unix sockets. They wait here because their sinks may
     * only be called from inside a poll.
     */
    private final ArrayDeque<NioChannel> connectedAtOnce = new ArrayDeque<>();

    private final Consumer<SelectionKey> fire = NioPoller::fire;

    NioPoller() throws IOException {
        selector = Selector.open();
    }

    @Override
    public void register(ServerChannel channel, AcceptSink sink) throws IOException {
        ((NioServerChannel) channel).register(this, sink);
    }

    @Override
    public Channel connect(SocketAddress endpoint, SocketOptions options, ChannelSink sink) throws IOException {
        var channel = NioChannel.connect(this, endpoint, options, sink);
        if (channel.isConnected()) {
            connectedAtOnce.add(channel);
        }
        return channel;
    }

    @Override
    public void poll(long timeoutNanos) throws IOException {
        int told = select(connectedAtOnce.isEmpty() ? timeoutNanos : 0);
        // The loop fires timers next, so all channels that are ready by now must be reported before, even if one round
        // of the selector cannot report all of them.
        for (int left = selector.keys().size() / FULL_ROUND; told >= FULL_ROUND && left > 0; left--) {
            told = selector.selectNow(fire);
        }
        if (!connectedAtOnce.isEmpty()) {
            fireConnectedAtOnce();
        }
    }

    private int select(long timeoutNanos) throws IOException {
        if (timeoutNanos == 0) {
            return selector.selectNow(fire);
        }
        return timeoutNanos == FOREVER_NANOS
                ? selector.select(fire)
                : selector.select(fire, Math.ceilDiv(timeoutNanos, NANOS_PER_MILLI));
    }

    private static void fire(SelectionKey key) {
        var ready = (Ready) key.attachment();
        try {
            ready.ready(key);
        } catch (Throwable thrown) {
            notifyBroken(ready, thrown);
        }
    }

    private static void notifyBroken(Ready ready, Throwable thrown) {
        try {
            ready.broke(thrown);
        } catch (Throwable again) {
            // Even broke() has failed. Ignore this failure, so that the other channels go on.
            thrown.addSuppressed(again);
        }
    }

    private void fireConnectedAtOnce() {
        for (int left = connectedAtOnce.size(); left > 0; left--) {
            connectedAtOnce.remove().notifyConnected();
        }
    }

    @Override
    public void wakeup() {
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
