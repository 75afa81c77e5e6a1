package dev.parley.net.proxy;

import dev.parley.net.accept.HandshakeLimit;
import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.accept.HandshakeServerChannel;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.RefusedPeerException;
import dev.parley.net.transport.ServerChannel;
import java.time.Duration;

/**
 * A server channel whose connections come from proxies, and begin with a header of the PROXY protocol. A connection is
 * reported after its header.
 */
public final class ProxyServerChannel extends HandshakeServerChannel {
    private final ProxyProtocol settings;

    /**
     * Makes a server channel.
     *
     * @param below the channel that accepts the connections
     * @param settings the addresses of the proxies
     * @param limit bounds how many headers are awaited
     */
    public ProxyServerChannel(ServerChannel below, ProxyProtocol settings, HandshakeLimit limit) {
        super(below, limit);
        this.settings = settings;
    }

    @Override
    protected Duration handshakeTimeout() {
        return settings.headerTimeout();
    }

    @Override
    protected ChannelSink begin(HandshakePoller with, Channel channel, AcceptSink sink) {
        var handshake = new AwaitedHeader(with, this, sink, channel);
        var proxied = new ProxiedChannel(with, handshake, channel);
        try {
            settings.check(channel.peerAddress());
            handshake.begin();
            channel.wantRead(true);
        } catch (RefusedPeerException e) {
            proxied.close();
            sink.refused(channel.peerAddress(), e);
        }
        return proxied.sinkOfChannelBelow();
    }

    @Override
    public ServerChannel share() {
        return new ProxyServerChannel(below().share(), settings, limit());
    }
}
