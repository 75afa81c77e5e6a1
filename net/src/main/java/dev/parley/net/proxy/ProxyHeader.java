package dev.parley.net.proxy;

import dev.parley.net.text.SafeText;
import dev.parley.net.transport.RefusedPeerException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A header of the PROXY protocol.
 *
 * @param source the client's address, as the proxy claims it; empty if the connection is the proxy's own, or if the
 *     header does not say the address
 * @param isProxysOwn true if the proxy says that no client is behind the connection, such as for a check of the health
 * @param lengthBytes how long the header is
 */
record ProxyHeader(Optional<InetSocketAddress> source, boolean isProxysOwn, int lengthBytes) {
    /** The maximum length of any header that is accepted: one of version 2 with 520 bytes behind its fixed part. */
    static final int BYTES_MAX = 536;

    private static final byte[] BEGIN_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BEGIN_2 = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};
    private static final int SHOWN_BYTES_MAX = 16;

    /**
     * Parses the header at the beginning of these bytes.
     *
     * @param bytes all that has arrived, from the position to the limit, which are not changed
     * @return the header; null if more bytes are needed
     * @throws RefusedPeerException if no further bytes can make a header of these
     */
    static @Nullable ProxyHeader parse(ByteBuffer bytes) throws RefusedPeerException {
        if (begins(bytes, BEGIN_1)) {
            return bytes.remaining() < BEGIN_1.length ? null : TextHeader.parse(bytes);
        }
        if (begins(bytes, BEGIN_2)) {
            return bytes.remaining() < BEGIN_2.length ? null : BinaryHeader.parse(bytes);
        }
        throw new RefusedPeerException("it does not begin with a header of the PROXY protocol, but with "
                + shown(bytes, Math.min(bytes.remaining(), SHOWN_BYTES_MAX)));
    }

    private static boolean begins(ByteBuffer bytes, byte[] with) {
        for (int i = 0; i < Math.min(bytes.remaining(), with.length); i++) {
            if (bytes.get(bytes.position() + i) != with[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the first bytes as text for a message. */
    static String shown(ByteBuffer bytes, int count) {
        var first = new byte[count];
        bytes.get(bytes.position(), first);
        return "'" + SafeText.text(new String(first, StandardCharsets.ISO_8859_1)) + "'";
    }

    static ProxyHeader of(InetAddress source, int port, int lengthBytes) {
        return new ProxyHeader(Optional.of(new InetSocketAddress(source, port)), false, lengthBytes);
    }

    static ProxyHeader ofUnknown(int lengthBytes) {
        return new ProxyHeader(Optional.empty(), false, lengthBytes);
    }

    static ProxyHeader ofProxyItself(int lengthBytes) {
        return new ProxyHeader(Optional.empty(), true, lengthBytes);
    }
}
