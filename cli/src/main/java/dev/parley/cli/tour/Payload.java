package dev.parley.cli.tour;

import dev.parley.frame.Header.Direction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * The bytes that one call sent or received.
 *
 * @param bytes the number of bytes
 * @param text the first bytes, up to 64, as UTF-8
 * @param hex the first bytes in hexadecimal, such as {@code 48 65 6c}
 * @param message the text of the messages if the bytes are whole messages with a header; otherwise empty
 */
public record Payload(int bytes, String text, String hex, String message) {
    /** The payload of a call that moves no bytes. */
    public static final Payload NONE = new Payload(0, "", "", "");

    private static final int SHOWN_BYTES = 64;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    static Payload of(byte[] bytes, Direction direction) {
        int count = shownBytes(bytes);
        String text = new String(bytes, 0, count, StandardCharsets.UTF_8);
        List<String> messages = Exchanges.messages(bytes, direction);
        return new Payload(bytes.length, text, HEX.formatHex(bytes, 0, count), String.join(" + ", messages));
    }

    /** Returns true if there were more bytes than {@code text} and {@code hex} show. */
    boolean isCut() {
        return (hex.length() + 1) / 3 < bytes;
    }

    /** Returns the number of bytes to show. It is chosen so that no character is split. */
    private static int shownBytes(byte[] bytes) {
        int count = Math.min(SHOWN_BYTES, bytes.length);
        while (count > 0 && count < bytes.length && (bytes[count] & 0xc0) == 0x80) {
            count--;
        }
        return count;
    }
}
