package dev.parley.net;

import java.net.SocketAddress;

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

    /** Returns an address with the scheme of the asked one. */
    static Address address(Address asked, String host, int port) {
        return asked instanceof Address.Tls ? new Address.Tls(host, port) : new Address.Tcp(host, port);
    }
}
