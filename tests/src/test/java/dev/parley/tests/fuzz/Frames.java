package dev.parley.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes frames from their parts, so that a change of one part does not make the lengths of another wrong. */
final class Frames {
    /** The byte between two parts, which no UTF-8 text has. */
    private static final byte NEXT_PART = (byte) 0xff;

    private static final byte CONTENT_LENGTH = (byte) 0xfe;

    private static final int HEADER_BYTES_MAX = 0xffff;

    private Frames() {}

    static byte[] frame(byte[] header, byte[] content) {
        var frame = new ByteArrayOutputStream(2 + header.length + content.length);
        int length = Math.min(header.length, HEADER_BYTES_MAX);
        frame.write(length >> 8);
        frame.write(length);
        frame.writeBytes(header);
        frame.writeBytes(content);
        return frame.toByteArray();
    }

    static byte[] frame(String header, byte[] content) {
        return frame(header.getBytes(StandardCharsets.UTF_8), content);
    }

    /**
     * Returns the stream of these parts: header, FF, content, FF, header and so on; FE in a header stands for the
     * length of its content.
     */
    static byte[] stream(byte[] parts) {
        var stream = new ByteArrayOutputStream();
        for (int at = 0; at < parts.length; ) {
            int headerEnd = endOfPart(parts, at);
            int contentStart = Math.min(parts.length, headerEnd + 1);
            int contentEnd = endOfPart(parts, contentStart);
            byte[] content = Arrays.copyOfRange(parts, contentStart, contentEnd);
            stream.writeBytes(frame(withLength(Arrays.copyOfRange(parts, at, headerEnd), content.length), content));
            at = contentEnd + 1;
        }
        return stream.toByteArray();
    }

    private static int endOfPart(byte[] parts, int start) {
        int end = start;
        while (end < parts.length && parts[end] != NEXT_PART) {
            end++;
        }
        return end;
    }

    private static byte[] withLength(byte[] header, int contentLength) {
        var whole = new ByteArrayOutputStream();
        for (byte each : header) {
            if (each == CONTENT_LENGTH) {
                whole.writeBytes(Integer.toString(contentLength).getBytes(StandardCharsets.US_ASCII));
            } else {
                whole.write(each);
            }
        }
        return whole.toByteArray();
    }
}
