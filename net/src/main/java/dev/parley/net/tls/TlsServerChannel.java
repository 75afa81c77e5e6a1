package dev.parley.net.tls;

import dev.parley.net.accept.HandshakeLimit;
import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.accept.HandshakeServerChannel;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.ServerChannel;
import java.time.Duration;

/**
 * A server channel whose connections speak TLS. A loop makes one for each socket of a {@code tls://} address, and
 * registers it with its {@link TlsPoller}. A connection is reported when its handshake has ended.
 */
public final class TlsServerChannel extends HandshakeServerChannel {
    private final Tls tls;

    /**
     * Makes a server channel.
     *
     * @param below the channel that accepts the connections
     * @param tls the settings, with a certificate
     * @param limit bounds how many handshakes are under way
     */
    public TlsServerChannel(ServerChannel below, Tls tls, HandshakeLimit limit) {
        super(below, limit);
        this.tls = tls;
    }

    @Override
    protected Duration handshakeTimeout() {
        return tls.handshakeTimeout();
    }

    @Override
    protected void registered(HandshakePoller with) {
        super.registered(with);
        HandshakeTasks.read(() -> tls.context().warnOfExpiry(((TlsPoller) with).warned()), () -> {});
    }

    /** Looks at the files, as handshakes do: a server may have standing connections alone, and no handshake. */
    @Override
    protected void hourly(HandshakePoller with) {
        Runnable look = () -> ((TlsPoller) with).look(tls);
        if (with.isInSystemTime()) {
            HandshakeTasks.read(look, () -> {});
        } else {
            look.run();
        }
    }

    @Override
    protected ChannelSink begin(HandshakePoller with, Channel channel, AcceptSink sink) {
        var handshake = new AcceptedTlsHandshake(with, this, sink, channel);
        var accepted = new TlsChannel((TlsPoller) with, tls, handshake, channel);
        handshake.begin(accepted);
        channel.wantRead(true);
        return accepted.sinkOfChannelBelow();
    }

    @Override
    public ServerChannel share() {
        return new TlsServerChannel(below().share(), tls, limit());
    }
}
