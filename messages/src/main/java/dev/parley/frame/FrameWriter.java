package dev.parley.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Turns a message into its bytes, the header as the tutorial's programs write it. */
public final class FrameWriter {
    private FrameWriter() {}

    /**
     * The frame of a message.
     *
     * @throws IllegalArgumentException when the header is longer than a frame can say
     */
    public static ByteBuffer write(Frame frame) {
        byte[] header = headerBytes(frame.header(), frame.content().length);
        if (header.length > 0xffff) {
            throw new IllegalArgumentException("the header is " + header.length + " bytes long; at most 65535");
        }
        return ByteBuffer.allocate(2 + header.length + frame.content().length)
                .putShort((short) header.length)
                .put(header)
                .put(frame.content())
                .flip();
    }

    private static byte[] headerBytes(Header header, int contentLength) {
        var json = new StringBuilder("{");
        member(json, "byteorder", header.byteOrder());
        member(json.append(", "), "content-type", header.contentType());
        member(json.append(", "), "content-encoding", header.contentEncoding());
        member(json.append(", "), "content-length", contentLength);
        header.others().forEach((name, value) -> member(json.append(", "), name, value));
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void member(StringBuilder json, String name, Object value) {
        JsonText.appendString(json, name);
        json.append(": ");
        value(json, value);
    }

    private static void value(StringBuilder json, Object value) {
        switch (value) {
            case String text -> JsonText.appendString(json, text);
            case JsonNumber number -> json.append(number.text());
            case JsonNull _ -> json.append("null");
            case List<?> items -> {
                String separator = "[";
                for (Object item : items) {
                    json.append(separator);
                    value(json, item);
                    separator = ", ";
                }
                json.append(items.isEmpty() ? "[]" : "]");
            }
            case Map<?, ?> members -> {
                String separator = "{";
                for (Map.Entry<?, ?> entry : members.entrySet()) {
                    member(json.append(separator), String.valueOf(entry.getKey()), entry.getValue());
                    separator = ", ";
                }
                json.append(members.isEmpty() ? "{}" : "}");
            }
            default -> json.append(value); // Boolean, Integer, Long
        }
    }
}
