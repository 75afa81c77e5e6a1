package dev.parley.frame;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another protocol on our port, guessed from its first three bytes: the third byte of a message is always an
 * opening brace.
 *
 * @param name in words, such as {@code HTTP}
 */
public record ForeignProtocol(String name) {
    private static final List<String> HTTP = List.of("GET", "POS", "PUT", "HEA", "DEL", "OPT", "PAT");
    private static final Map<String, String> TEXTS = Map.of(
            "SSH", "SSH",
            "HTT", "HTTP as a server",
            "PRO", "the PROXY protocol",
            "PRI", "HTTP/2",
            "CON", "NATS",
            "INF", "Redis or NATS",
            "PIN", "Redis or NATS",
            "EHL", "SMTP",
            "HEL", "SMTP");
    private static final String HTTP_NAME = "HTTP";

    static ForeignProtocol guess(int first, int second, int third) {
        return new ForeignProtocol(name(first, second, third));
    }

    private static String name(int first, int second, int third) {
        String text = new String(new byte[] {(byte) first, (byte) second, (byte) third}, StandardCharsets.ISO_8859_1);
        if (HTTP.contains(text)) {
            return HTTP_NAME;
        }
        if (first == 0x16 && second == 0x03) {
            return "TLS";
        }
        if (first == 0x0d && second == 0x0a) {
            return "the PROXY protocol, version 2";
        }
        if (first == '*' && second >= '0' && second <= '9') {
            return "Redis";
        }
        if (first == 0xef && second == 0xbb && third == 0xbf) {
            return "text with a byte-order mark";
        }
        @Nullable String known = TEXTS.get(text);
        return known == null ? "something else" : known;
    }

    /** Whether the peer is an HTTP client, which gets an answer that a person can read. */
    public boolean isHttp() {
        return name.equals(HTTP_NAME);
    }
}
