package dev.parley.cli.cert;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * The limits on the names for which an authority may sign (RFC 5280, section 4.2.1.10): some host names with those
 * below them, and the loopback addresses. Written in DER, since keytool(1) has no words for them.
 */
final class NameConstraints {
    private static final int SEQUENCE = 0x30;
    private static final int PERMITTED = 0xa0;
    private static final int DNS = 0x82;
    private static final int IP = 0x87;

    /** 127.0.0.0/8, and ::1 alone: an address, and the mask behind it. */
    private static final byte[] LOOPBACK_4 = HexFormat.of().parseHex("7f000000ff000000");

    private static final byte[] LOOPBACK_6 =
            joined(InetAddress.ofLiteral("::1").getAddress(), HexFormat.of().parseHex("ff".repeat(16)));

    private NameConstraints() {}

    /** Returns the extension's value as keytool(1) reads it. */
    static String hex(List<String> hosts) {
        var trees = new ByteArrayOutputStream();
        for (String host : hosts) {
            trees.writeBytes(der(SEQUENCE, der(DNS, host.getBytes(StandardCharsets.US_ASCII))));
        }
        trees.writeBytes(der(SEQUENCE, der(IP, LOOPBACK_4)));
        trees.writeBytes(der(SEQUENCE, der(IP, LOOPBACK_6)));
        return HexFormat.of().formatHex(der(SEQUENCE, der(PERMITTED, trees.toByteArray())));
    }

    private static byte[] der(int tag, byte[] content) {
        int length = content.length;
        byte[] head; // the shortest form (X.690, section 10.1)
        if (length < 0x80) {
            head = new byte[] {(byte) tag, (byte) length};
        } else if (length < 0x100) {
            head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        } else {
            head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        return joined(head, content);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }
}
