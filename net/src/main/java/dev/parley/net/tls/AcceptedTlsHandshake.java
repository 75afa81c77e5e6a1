package dev.parley.net.tls;

import dev.parley.net.accept.AcceptedHandshake;
import dev.parley.net.accept.HandshakePoller;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The TLS handshake of an accepted connection. Used on the loop's thread. */
final class AcceptedTlsHandshake extends AcceptedHandshake {
    private @Nullable TlsChannel channel;

    AcceptedTlsHandshake(HandshakePoller poller, TlsServerChannel listener, AcceptSink sink, Channel below) {
        super(poller, listener, sink, below);
    }

    void begin(TlsChannel of) {
        channel = of;
        begin();
    }

    @Override
    protected void reset() {
        if (channel != null) {
            channel.reset();
        }
    }

    @Override
    protected IOException unfinished(String why) {
        return new TlsException(Reason.HANDSHAKE_TIMEOUT, "the handshake was given up: " + why);
    }
}
