package dev.parley.link;

import dev.parley.frame.FrameReader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another protocol that a peer speaks instead of ours. It is guessed from the first three bytes: in our protocol, the
 * third byte is always an opening brace (docs/protocol.md, section 11). This class also describes the protocol for our
 * own log or exception. {@code server.ForeignClient} decides what a client of another protocol gets.
 *
 * @param name the name of the protocol in words, such as {@code HTTP}; {@code something else} if it is unknown
 */
public record ForeignProtocol(String name) {
    private static final List<String> HTTP = List.of("GET", "POS", "PUT", "HEA", "DEL", "OPT", "PAT");
    private static final String HTTP_SERVER_NAME = "HTTP as a server";
    private static final String TLS_NAME = "TLS";
    private static final Map<String, String> TEXTS = Map.of(
            "SSH", "SSH",
            "HTT", HTTP_SERVER_NAME,
            "PRO", "the PROXY protocol",
            "PRI", "HTTP/2",
            "CON", "NATS",
            "INF", "Redis or NATS",
            "PIN", "Redis or NATS",
            "EHL", "SMTP",
            "HEL", "SMTP");
    private static final String HTTP_NAME = "HTTP";
    private static final String ONE_BYTE_NAME = "frames with a header length of 1 byte";
    private static final String FOUR_BYTES_NAME = "frames with a header length of 4 bytes, little-endian";

    /** Returns the protocol that probably begins with these bytes. */
    public static ForeignProtocol guess(FrameReader.Foreign bytes) {
        return new ForeignProtocol(name(bytes.first(), bytes.second(), bytes.third(), bytes.text()));
    }

    private static String name(int first, int second, int third, String text) {
        if (HTTP.contains(text)) {
            return HTTP_NAME;
        }
        boolean handshakeOrAlert = first == 0x16 || first == 0x15;
        if (handshakeOrAlert && second == 0x03) {
            return TLS_NAME;
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
        if (second == '{' && third == '"') {
            return ONE_BYTE_NAME;
        }
        if (second == 0 && third == 0) {
            return FOUR_BYTES_NAME;
        }
        @Nullable String known = TEXTS.get(text);
        return known == null ? "something else" : known;
    }

    /** {@return a server's description of a client that speaks this protocol} */
    public String seenByServer() {
        String advice =
                switch (name) {
                    case HTTP_NAME -> "is a browser or a health check pointed at this port?";
                    case ONE_BYTE_NAME, FOUR_BYTES_NAME -> "the header length has 2 bytes, big-endian";
                    case TLS_NAME -> "this port has no TLS, so let the client connect without it";
                    default -> "does that client mean another port?";
                };
        return "spoke " + name + ", not Parley's messages, and was closed: " + advice;
    }

    /** {@return a client's description of a server that speaks this protocol} */
    public String seenByClient() {
        return switch (name) {
            case HTTP_SERVER_NAME -> "it speaks HTTP, not Parley's messages; is the port right?";
            case ONE_BYTE_NAME, FOUR_BYTES_NAME -> "it speaks " + name + ", and Parley's has 2 bytes, big-endian";
            case TLS_NAME -> "it speaks TLS: connect to its tls:// address";
            default -> "it speaks " + name + ", not Parley's messages; is the port right?";
        };
    }

    /**
     * {@return the description of a peer that has sent correct messages, followed by bytes that do not begin a message}
     */
    public static String behindMessages() {
        return "come bytes that do not begin a message: does its content-length count characters instead of bytes?";
    }

    /** {@return whether the peer is an HTTP client, which gets a page that its user can read} */
    public boolean isHttp() {
        return name.equals(HTTP_NAME);
    }
}
