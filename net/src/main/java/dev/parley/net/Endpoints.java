package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of endpoints, in the form in which the user has asked for them: a TLS endpoint is a TCP endpoint too.
 */
final class Endpoints {
    private Endpoints() {}

    /** Returns the address of an endpoint that the asked address was resolved to, or of the other end. */
    static Address address(Address asked, SocketAddress endpoint) {
        Address address = Address.of(endpoint);
        return address instanceof Address.Inet inet ? address(asked, inet.host(), inet.port()) : address;
    }

    /** Returns the address of our end of a channel; while there is no channel, the asked address. */
    static Address local(Address asked, @Nullable Channel channel) {
        return channel == null ? asked : address(asked, channel.localAddress());
    }

    /** Returns the address of the peer's end of a channel; while there is no channel, the asked address. */
    static Address peer(Address asked, @Nullable Channel channel) {
        return channel == null ? asked : address(asked, channel.peerAddress());
    }

    static List<X509Certificate> peerCertificates(@Nullable Channel channel) {
        return channel == null ? List.of() : channel.peerCertificates();
    }

    /** Returns an address with the scheme of the asked one. */
    static Address address(Address asked, String host, int port) {
        return asked instanceof Address.Tls ? new Address.Tls(host, port) : new Address.Tcp(host, port);
    }
}
