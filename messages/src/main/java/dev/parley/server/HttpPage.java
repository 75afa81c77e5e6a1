package dev.parley.server;

import java.nio.charset.StandardCharsets;

/** What an HTTP client, and the person behind it, is told. */
final class HttpPage {
    private static final String SENTENCE = "This port speaks Parley's messages, not HTTP.\n";

    static final byte[] BAD_REQUEST = ("HTTP/1.1 400 Bad Request\r\n"
                    + "Content-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: " + SENTENCE.length() + "\r\n"
                    + "Connection: close\r\n\r\n"
                    + SENTENCE)
            .getBytes(StandardCharsets.US_ASCII);

    private HttpPage() {}
}
