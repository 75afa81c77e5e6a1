package dev.parley.cli.tour;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Takes the bytes of one message apart: length, header, content, each as bytes and as what they mean. */
final class FrameAnatomy {
    private static final int BYTES_PER_ROW = 8;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private FrameAnatomy() {}

    /** The rows; the bytes are one whole message. */
    static List<String> rows(byte[] frame) {
        var rows = new ArrayList<String>();
        int headerLength = ByteBuffer.wrap(frame).getShort() & 0xffff;
        rows.add(row(frame, 0, 2, "header length: " + headerLength + ", 2 bytes, big-endian"));
        part(rows, frame, 2, headerLength, "header");
        part(rows, frame, 2 + headerLength, frame.length - 2 - headerLength, "content");
        return rows;
    }

    private static void part(List<String> rows, byte[] frame, int start, int length, String name) {
        String text = new String(frame, start, length, StandardCharsets.UTF_8);
        String first = name + ", " + length + " bytes:";
        rows.add(row(frame, start, Math.min(BYTES_PER_ROW, length), first));
        int at = start + BYTES_PER_ROW;
        for (String piece : pieces(text)) {
            int left = start + length - at;
            int count = Math.max(0, Math.min(BYTES_PER_ROW, left));
            rows.add(row(frame, Math.min(at, start + length), count, "  " + piece));
            at += BYTES_PER_ROW;
        }
        if (at < start + length) {
            rows.add("  \u2026");
        }
    }

    /** A JSON object, a member to a row. */
    private static List<String> pieces(String json) {
        return List.of(json.replace(", \"", ",\n \"").split("\n", -1));
    }

    private static String row(byte[] frame, int start, int count, String meaning) {
        String hex = HEX.formatHex(frame, start, start + count);
        return String.format("  %-" + (BYTES_PER_ROW * 3 + 1) + "s %s", hex, meaning);
    }
}
