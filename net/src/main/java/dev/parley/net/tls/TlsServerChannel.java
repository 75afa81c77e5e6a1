package dev.parley.net.tls;

import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server channel whose connections speak TLS. A loop makes one for each socket of a {@code tls://} address, and
 * registers it with its {@link TlsPoller}. A connection is reported when its handshake has ended.
 */
public final class TlsServerChannel implements ServerChannel {
    private final ServerChannel below;
    private final Tls tls;
    private final int handshakesMax;

    /** The number of handshakes under way at all channels of this endpoint. */
    private final AtomicInteger count;

    /** Those of this channel, the oldest first. Used on the loop's thread. */
    private final Set<AcceptedHandshake> handshakes = new LinkedHashSet<>();

    /**
     * Makes a server channel.
     *
     * @param below the channel that accepts the connections
     * @param tls the settings, with a certificate
     * @param handshakesMax how many handshakes may be under way; if one more begins, the oldest ends
     */
    public TlsServerChannel(ServerChannel below, Tls tls, int handshakesMax) {
        this(below, tls, handshakesMax, new AtomicInteger());
    }

    private TlsServerChannel(ServerChannel below, Tls tls, int handshakesMax, AtomicInteger count) {
        this.below = below;
        this.tls = tls;
        this.handshakesMax = Math.max(1, handshakesMax);
        this.count = count;
    }

    ServerChannel below() {
        return below;
    }

    Tls tls() {
        return tls;
    }

    /** Called when a handshake begins. Ends the oldest one if there are too many. */
    void add(AcceptedHandshake handshake) {
        if (count.incrementAndGet() > handshakesMax && !handshakes.isEmpty()) {
            handshakes
                    .iterator()
                    .next()
                    .endUnfinished("it was the oldest of more than " + handshakesMax
                            + " handshakes under way, a quarter of connectionsMax");
        }
        handshakes.add(handshake);
    }

    void remove(AcceptedHandshake handshake) {
        if (handshakes.remove(handshake)) {
            count.decrementAndGet();
        }
    }

    @Override
    public SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public EndpointFile file() {
        return below.file();
    }

    @Override
    public void wantAccept(boolean wanted) {
        below.wantAccept(wanted);
    }

    @Override
    public ServerChannel share() {
        return new TlsServerChannel(below.share(), tls, handshakesMax, count);
    }

    @Override
    public void close() {
        below.close();
        new ArrayList<>(handshakes).forEach(AcceptedHandshake::drop);
    }
}
