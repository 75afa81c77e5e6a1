package dev.parley.nats;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The length of a message to the broker, as jnats counts it.
 *
 * @param payload the bytes of its headers and its content, which the broker bounds
 * @param whole its bytes on the connection
 */
record OutgoingSize(int payload, long whole) {
    private static final int LINE_ENDS = 4;

    /**
     * Returns the size of a message.
     *
     * @param replyBytes the length of the subject to respond to; 0 for none
     * @param headers null for none
     */
    static OutgoingSize of(String subject, int replyBytes, @Nullable Headers headers, byte[] content) {
        int ofHeaders = headers == null || headers.isEmpty() ? 0 : headers.serializedLength();
        int payload = ofHeaders + content.length;
        int line = (ofHeaders == 0 ? "PUB " : "HPUB ").length()
                + length(subject)
                + " ".length()
                + (replyBytes == 0 ? 0 : replyBytes + 1)
                + (ofHeaders == 0 ? 0 : digits(ofHeaders) + 1)
                + digits(payload);
        return new OutgoingSize(payload, (long) line + payload + LINE_ENDS);
    }

    /** Returns the size of a message that jnats has made. */
    static OutgoingSize of(String subject, Message message) {
        String reply = message.getReplyTo();
        return of(subject, reply == null ? 0 : length(reply), message.getHeaders(), message.getData());
    }

    private static int length(String subject) {
        return subject.getBytes(StandardCharsets.UTF_8).length; // other programs choose where we respond
    }

    private static int digits(int number) {
        return Integer.toString(number).length();
    }
}
