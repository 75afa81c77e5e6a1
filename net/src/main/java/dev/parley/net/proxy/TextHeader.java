package dev.parley.net.proxy;

import dev.parley.net.transport.RefusedPeerException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses headers of version 1, which are a line: {@code PROXY TCP4 203.0.113.7 192.0.2.1 56324 443}. */
final class TextHeader {
    /** The longest line in the specification, with its CR and LF. */
    private static final int BYTES_MAX = 107;

    private static final Pattern PORT = Pattern.compile("0|[1-9]\\d{0,4}");
    private static final int PORT_MAX = 65_535;

    private TextHeader() {}

    static @Nullable ProxyHeader parse(ByteBuffer bytes) throws RefusedPeerException {
        int end = endOfLine(bytes);
        if (end < 0) {
            if (bytes.remaining() >= BYTES_MAX) {
                throw new RefusedPeerException("its PROXY header has more than " + BYTES_MAX + " bytes without an end: "
                        + ProxyHeader.shown(bytes, BYTES_MAX));
            }
            return null;
        }
        int length = end - bytes.position();
        var line = new byte[length - 2];
        bytes.get(bytes.position(), line);
        return parse(new String(line, StandardCharsets.ISO_8859_1), length);
    }

    /** Returns the index behind CR and LF; -1 if the line has not ended within its maximum length. */
    private static int endOfLine(ByteBuffer bytes) throws RefusedPeerException {
        int last = bytes.position() + Math.min(bytes.remaining(), BYTES_MAX);
        for (int i = bytes.position(); i < last; i++) {
            if (bytes.get(i) == '\n' || bytes.get(i) == '\r' && i + 1 < last) {
                if (bytes.get(i) == '\r' && bytes.get(i + 1) == '\n') {
                    return i + 2;
                }
                throw new RefusedPeerException("its PROXY header does not end with CR and LF: "
                        + ProxyHeader.shown(bytes, i + 1 - bytes.position()));
            }
        }
        return -1;
    }

    private static ProxyHeader parse(String line, int length) throws RefusedPeerException {
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return ProxyHeader.ofUnknown(length); // the rest of such a line must be ignored
        }
        boolean four = words[1].equals("TCP4");
        if (!four && !words[1].equals("TCP6")) {
            throw bad(line, "its kind must be TCP4, TCP6 or UNKNOWN");
        }
        if (words.length != 6) {
            throw bad(line, "it must have two addresses and two ports");
        }
        InetAddress source = address(line, words[2], four);
        address(line, words[3], four);
        int port = port(line, words[4]);
        port(line, words[5]);
        return ProxyHeader.of(source, port, length);
    }

    private static InetAddress address(String line, String word, boolean four) throws RefusedPeerException {
        return AddressBlock.ip(word)
                .filter(ip -> four == word.indexOf(':') < 0 && (!four || ip instanceof Inet4Address))
                .orElseThrow(() -> bad(line, "an address is not one of IPv" + (four ? 4 : 6)));
    }

    private static int port(String line, String word) throws RefusedPeerException {
        if (!PORT.matcher(word).matches() || Integer.parseInt(word) > PORT_MAX) {
            throw bad(line, "a port is not from 0 to 65535");
        }
        return Integer.parseInt(word);
    }

    private static RefusedPeerException bad(String line, String why) {
        byte[] shown = line.getBytes(StandardCharsets.ISO_8859_1);
        return new RefusedPeerException("its PROXY header is wrong: " + why + ", and it is "
                + ProxyHeader.shown(ByteBuffer.wrap(shown), shown.length));
    }
}
