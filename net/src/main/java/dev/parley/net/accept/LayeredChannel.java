package dev.parley.net.accept;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.PeerCredentials;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/** A channel over another one, which has the same two ends. */
public abstract class LayeredChannel implements Channel {
    /** Only subclasses call this. */
    protected LayeredChannel() {}

    /** {@return the channel below} */
    protected abstract Channel below();

    /** {@return whether the channel below is connected, and this one waits for the peer to shake hands} */
    public boolean isShakingHands() {
        return false;
    }

    @Override
    public final SocketAddress localAddress() {
        return below().localAddress();
    }

    @Override
    public final SocketAddress peerAddress() {
        return below().peerAddress();
    }

    @Override
    public final Optional<PeerCredentials> peerCredentials() {
        return below().peerCredentials();
    }

    @Override
    public Optional<InetSocketAddress> claimedAddress() {
        return below().claimedAddress();
    }

    @Override
    public boolean isPassedOn() {
        return below().isPassedOn();
    }

    @Override
    public final long unsentBytes() {
        return below().unsentBytes();
    }
}
