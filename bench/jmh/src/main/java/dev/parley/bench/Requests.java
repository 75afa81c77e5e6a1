package dev.parley.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Requests as bytes, as the tutorial's programs write them. */
final class Requests {
    /** Exactly 64 bytes. */
    static final String SEARCH = "{\"action\": \"search\", \"value\": \"morpheus, or another of the crew\"}";

    private Requests() {}

    /** A frame whose header has the four required keys and these. */
    static byte[] frame(String furtherKeys, String content) {
        byte[] contentBytes = content.getBytes(StandardCharsets.UTF_8);
        byte[] header = ("{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\","
                        + " \"content-length\": " + contentBytes.length + furtherKeys + "}")
                .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + header.length + contentBytes.length)
                .putShort((short) header.length)
                .put(header)
                .put(contentBytes)
                .array();
    }

    /** Different frames, one after the other; the further keys have a number in place of {@code %d}. */
    static ByteBuffer[] frames(int count, long first, String furtherKeys, String content) {
        var frames = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            frames[i] = ByteBuffer.wrap(frame(furtherKeys.replace("%d", Long.toString(first + i)), content));
        }
        return frames;
    }
}
