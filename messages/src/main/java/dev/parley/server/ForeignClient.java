package dev.parley.server;

import dev.parley.link.ForeignProtocol;
import dev.parley.net.CloseReason;
import dev.parley.net.LoopConnection;
import java.nio.charset.StandardCharsets;

/**
 * Closes the connection of a client that speaks another protocol. An HTTP client gets a page first, so that its user
 * can read what is wrong. Any other client gets nothing.
 */
final class ForeignClient {
    private static final String SENTENCE = "This port speaks Parley's messages, not HTTP.\n";

    private static final byte[] BAD_REQUEST = ("HTTP/1.1 400 Bad Request\r\n"
                    + "Content-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: " + SENTENCE.length() + "\r\n"
                    + "Connection: close\r\n\r\n"
                    + SENTENCE)
            .getBytes(StandardCharsets.US_ASCII);

    private ForeignClient() {}

    /** Closes the connection. If the protocol is HTTP, sends the page first. */
    static void turnAway(LoopConnection connection, ForeignProtocol protocol) {
        if (protocol.isHttp()) {
            connection.send(BAD_REQUEST);
            connection.close(CloseReason.PROTOCOL);
        } else {
            connection.closeWithoutLingering(CloseReason.PROTOCOL);
        }
    }
}
