package dev.parley.net;

import dev.parley.net.transport.Channel;
import dev.parley.net.transport.PeerCredentials;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The two ends of a connection, as its channel knows them: where each is, and who the peer is. */
abstract class ConnectionEnds implements ConnectionInfo {
    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();

    /** The address that the caller asked for, or that of the listener. */
    final Address asked;

    /** The channel; null while there is none. Set on the loop's thread, and before the connection is passed on. */
    volatile @Nullable Channel channel;

    ConnectionEnds(Address asked) {
        this.asked = asked;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public Address localAddress() {
        Channel known = channel;
        return known == null ? asked : Endpoints.address(asked, known.localAddress());
    }

    @Override
    public Address peerAddress() {
        Channel known = channel;
        return known == null ? asked : Endpoints.address(asked, known.peerAddress());
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        Channel known = channel;
        return known == null ? List.of() : known.peerCertificates();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        Channel known = channel;
        return known == null ? Optional.empty() : known.peerCredentials();
    }

    @Override
    public Optional<Address> claimedAddress() {
        Channel known = channel;
        return known == null
                ? Optional.empty()
                : known.claimedAddress().map(claimed -> Endpoints.address(asked, claimed));
    }

    @Override
    public boolean isPeerOnThisHost() {
        Channel known = channel;
        return (known == null || !known.isPassedOn()) && ConnectionInfo.super.isPeerOnThisHost();
    }
}
