package dev.parley.tests.attack;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames written by hand, which share no code with what is attacked, and may be wrong. */
final class RawFrame {
    private static final String REQUIRED =
            "\"content-type\": \"text/json\", \"content-encoding\": \"utf-8\", \"content-length\": ";

    private RawFrame() {}

    /** Returns a message with these keys and the required ones, such as {@code "id": 1}. */
    static byte[] of(String keys, byte[] content) {
        byte[] head = head(keys, content.length);
        return ByteBuffer.allocate(head.length + content.length)
                .put(head)
                .put(content)
                .array();
    }

    /** Returns the same message without its content. */
    static byte[] head(String keys, int contentBytes) {
        return framed("{\"byteorder\": \"little\", " + REQUIRED + contentBytes + ", " + keys + "}");
    }

    /** Returns a message that is refused, and costs its request alone. */
    static byte[] withoutByteorder() {
        return framed("{" + REQUIRED + "0}");
    }

    private static byte[] framed(String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + json.length)
                .putShort((short) json.length)
                .put(json)
                .array();
    }
}
