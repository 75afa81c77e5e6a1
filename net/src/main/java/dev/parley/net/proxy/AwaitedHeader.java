package dev.parley.net.proxy;

import dev.parley.net.accept.AcceptedHandshake;
import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.RefusedPeerException;
import java.io.IOException;

/** The header that an accepted connection must begin with. Used on the loop's thread. */
final class AwaitedHeader extends AcceptedHandshake {
    AwaitedHeader(HandshakePoller poller, ProxyServerChannel listener, AcceptSink sink, Channel below) {
        super(poller, listener, sink, below);
    }

    @Override
    protected IOException unfinished(String why) {
        return new RefusedPeerException("its PROXY header was given up: " + why);
    }
}
