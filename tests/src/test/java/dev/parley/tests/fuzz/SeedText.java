package dev.parley.tests.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** An input as one line of a seed file: UTF-8, where what does not print, and the backslash, is {@code \xHH}. */
final class SeedText {
    private static final HexFormat HEX = HexFormat.of();

    private SeedText() {}

    static byte[] bytes(String line) {
        var bytes = new ByteArrayOutputStream();
        for (int at = 0; at < line.length(); ) {
            if (line.startsWith("\\x", at)) {
                bytes.write(HexFormat.fromHexDigits(line, at + 2, at + 4));
                at += 4;
            } else {
                int point = line.codePointAt(at);
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
                at += Character.charCount(point);
            }
        }
        return bytes.toByteArray();
    }

    static String line(byte[] bytes) {
        var line = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int length = lengthOfPoint(bytes[at]);
            String text = textOrEmpty(bytes, at, length);
            if (!text.isEmpty() && prints(text.codePointAt(0))) {
                line.append(text);
                at += length;
            } else {
                line.append("\\x").append(HEX.toHexDigits(bytes[at]));
                at++;
            }
        }
        return line.toString();
    }

    private static int lengthOfPoint(byte first) {
        int lead = first & 0xff;
        return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }

    private static String textOrEmpty(byte[] bytes, int at, int length) {
        try {
            ByteBuffer point = ByteBuffer.wrap(bytes, at, Math.min(length, bytes.length - at));
            return StandardCharsets.UTF_8.newDecoder().decode(point).toString();
        } catch (CharacterCodingException notUtf8) {
            return "";
        }
    }

    private static boolean prints(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> point != '\\';
        };
    }
}
