package dev.parley.testkit;

import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemAddress;
import dev.parley.net.time.Ticker;
import dev.parley.net.tls.Tls;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.Poller;
import dev.parley.net.transport.ServerChannel;
import dev.parley.net.transport.SocketOptions;
import dev.parley.net.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine of a simulated network, and the transport of its loops. The clock's monitor guards its state. */
final class SimHost implements Transport, SimPoller.Host {
    private final SimWire wire;
    private final SimNames names;
    private final Ticker ticker;
    private final String label;
    private final List<SimPoller> pollers = new ArrayList<>();
    private final List<EventLoop> loops = new ArrayList<>();
    private int opened;

    /** True if the host has no power: nothing responds until a loop is started here again. */
    private boolean dark;

    SimHost(SimWire wire, SimNames names, Ticker ticker, String label) {
        this.wire = wire;
        this.names = names;
        this.ticker = ticker;
        this.label = label;
    }

    SimWire wire() {
        return wire;
    }

    SimNames names() {
        return names;
    }

    @Override
    public String label() {
        return label;
    }

    boolean isDark() {
        return dark;
    }

    /**
     * Starts a loop, whose connections speak TLS if there are settings of it. If this host crashes, the loop ends
     * without an error.
     */
    EventLoop start(EventLoop.Builder settings, @Nullable Tls tls) {
        Transport transport = tls == null ? this : tls.over(this, ticker);
        EventLoop loop = settings.transport(transport).ticker(ticker).start();
        synchronized (wire.clock()) {
            loops.add(loop);
            pollers.getLast().endsWithItsLoop();
        }
        wire.clock().awaitStarts();
        return loop;
    }

    /** Ends everything that runs here, and returns the loops that must be closed. */
    List<EventLoop> crash(boolean silently) {
        synchronized (wire.clock()) {
            dark = silently;
            List.copyOf(pollers).forEach(poller -> poller.crash(silently));
            return List.copyOf(loops);
        }
    }

    @Override
    public Channel connect(SimPoller by, MemAddress to, ChannelSink sink) {
        return SimChannel.connect(this, by, to, sink);
    }

    @Override
    public void closed(SimPoller poller) {
        pollers.remove(poller);
    }

    @Override
    public String name() {
        return "sim";
    }

    /**
     * Waits until the started loops are ready. The wait is here because a loop calls this method before it listens or
     * connects.
     */
    @Override
    public boolean supports(SocketAddress endpoint) {
        wire.clock().awaitStarts();
        return endpoint instanceof MemAddress;
    }

    @Override
    public ServerChannel bind(SocketAddress endpoint, SocketOptions options) throws IOException {
        synchronized (wire.clock()) {
            return names.bind(this, (MemAddress) endpoint, options.backlogConnections());
        }
    }

    @Override
    public Poller openPoller() {
        wire.clock().awaitStarts();
        synchronized (wire.clock()) {
            dark = false;
            opened++;
            var poller = new SimPoller(this, wire.clock(), opened);
            pollers.add(poller);
            wire.clock().opened(poller);
            return poller;
        }
    }
}
