package dev.parley.link;

import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import org.jspecify.annotations.Nullable;

/** The settings of TLS of connections for messages: they name their application protocol (ALPN, RFC 7301). */
public final class MessageTls {
    private static final String PROTOCOL = "parley/1";
    private static final String HTTP = "http/1.1";

    private MessageTls() {}

    /**
     * Returns the settings for a connection or a listener; null for an address without TLS.
     *
     * @param given the settings of a client or server; null for those of the loop
     */
    public static @Nullable Tls settings(Address address, EventLoop loop, @Nullable Tls given) {
        return naming(address, loop, given, PROTOCOL);
    }

    /**
     * Returns the settings for a listener; null for an address without TLS.
     *
     * @param isHttpToo true if the server answers {@code GET /health} too: a client of HTTP names that protocol
     */
    public static @Nullable Tls ofListener(Address address, EventLoop loop, @Nullable Tls given, boolean isHttpToo) {
        return isHttpToo ? naming(address, loop, given, PROTOCOL, HTTP) : settings(address, loop, given);
    }

    private static @Nullable Tls naming(Address address, EventLoop loop, @Nullable Tls given, String... protocols) {
        if (!(address instanceof Address.Tls)) {
            return null;
        }
        return (given == null ? loop.tls() : given).withDefaultApplicationProtocols(protocols);
    }
}
