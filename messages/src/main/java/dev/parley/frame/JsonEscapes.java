package dev.parley.frame;

import java.nio.charset.StandardCharsets;

/** What escapes in a JSON text mean (RFC 8259, section 7), as bytes. Any thread. */
final class JsonEscapes {
    private static final int UNICODE_LENGTH = 6;

    private JsonEscapes() {}

    /** How many bytes the escape has that starts at a backslash; 0 if it is none. */
    static int lengthAt(byte[] json, int at, int end) {
        if (at + 1 >= end) {
            return 0;
        }
        return switch (json[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> at <= end - UNICODE_LENGTH && unitAt(json, at) >= 0 ? UNICODE_LENGTH : 0;
            default -> 0;
        };
    }

    /** The unit of UTF-16 that four hexadecimal digits say; negative if they are none. */
    private static int unitAt(byte[] json, int at) {
        int unit = 0;
        for (int i = at + 2; i < at + UNICODE_LENGTH; i++) {
            unit = unit << 4 | digit(json[i]);
        }
        return unit;
    }

    /** ASCII alone: {@link Character#digit} knows the digits of other scripts too. */
    private static int digit(int letter) {
        if (letter >= '0' && letter <= '9') {
            return letter - '0';
        }
        int lower = letter | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** The text that stands between two quotes, which was checked. */
    static String text(byte[] json, int start, int end) {
        var text = new StringBuilder(end - start);
        int at = start;
        while (at < end) {
            int plain = at;
            while (at < end && json[at] != '\\') {
                at++;
            }
            text.append(new String(json, plain, at - plain, StandardCharsets.UTF_8));
            while (at < end && json[at] == '\\') {
                text.append(meaning(json, at));
                at += lengthAt(json, at, end);
            }
        }
        return text.toString();
    }

    private static char meaning(byte[] json, int at) {
        return switch (json[at + 1]) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) unitAt(json, at);
            default -> (char) json[at + 1];
        };
    }
}
