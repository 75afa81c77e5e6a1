package dev.parley.cli;

import dev.parley.net.Address;
import java.nio.ByteBuffer;

/** The answer of a server of TLS to a client that does not speak it: one alert, not encrypted (RFC 8446, section 6). */
final class TlsAlert {
    static final String WHAT_TO_DO = "the server speaks TLS: connect to its tls:// address";

    private static final int BYTES = 7;
    private static final byte TYPE = 0x15;
    private static final byte MAJOR_VERSION = 0x03;
    private static final byte FATAL = 2;

    private TlsAlert() {}

    /** Returns whether these bytes, all that has come from a server without TLS so far, are such an alert. */
    static boolean isOne(Address server, ByteBuffer bytes) {
        int at = bytes.position();
        return !(server instanceof Address.Tls)
                && bytes.remaining() == BYTES
                && bytes.get(at) == TYPE
                && bytes.get(at + 1) == MAJOR_VERSION
                && bytes.getShort(at + 3) == 2
                && bytes.get(at + 5) == FATAL;
    }
}
