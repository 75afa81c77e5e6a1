package dev.parley.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/** Makes JSON and what is nearly JSON: seeded texts of all shapes, in UTF-8, valid and broken. */
final class JsonTexts {
    private static final String[] LETTERS = {
        "a",
        "Z",
        "0",
        " ",
        "~",
        "\u007f",
        "ä",
        "ß",
        "Ж",
        "中",
        "文",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "😀",
        "\udbff\udfff"
    };
    private static final String[] ESCAPES = {
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0041",
        "\\u00e4",
        "\\uD83D\\ude00",
        "\\u0000",
        "\\ud800",
        "\\uDC00"
    };
    private static final String[] NUMBERS = {
        "0", "-0", "1", "-1", "10", "1.5", "-0.25", "1e5", "1E-7", "2.50e+10", "1e400", "123456789012345678901234567890"
    };
    private static final String[] SLIPS = {
        "NaN",
        "Infinity",
        "-Infinity",
        "True",
        "None",
        "undefined",
        "'a'",
        "01",
        "-",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "0x1",
        "\"a\u0001b\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "[1 2]",
        "/**/1",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "[",
        "{",
        "\"",
        "]",
        "}",
        ",",
        ":",
        "\ufeff1",
        "tru",
        "nul",
        "falsey",
        "{\"a\":{\"b\":1},\"b\":2}",
        "{\"\\ud800\":1}",
        "{\"ä\":1,\"\\u00e4\":1}",
        ""
    };

    private final RandomGenerator random;
    private StringBuilder json = new StringBuilder();

    JsonTexts(RandomGenerator random) {
        this.random = random;
    }

    /** The next text: every other one as it should be. */
    byte[] next() {
        json = new StringBuilder();
        space();
        value(0);
        space();
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        return random.nextInt(5) < 2 ? bytes : broken(bytes);
    }

    private byte[] broken(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        var changed = new ByteArrayOutputStream();
        switch (random.nextInt(6)) {
            case 0 -> { // cut
                int end = Math.min(bytes.length, (at & ~7) + random.nextInt(3));
                changed.write(bytes, 0, end);
            }
            case 1 -> { // one byte more
                changed.write(bytes, 0, at);
                changed.write(anyByte());
                changed.write(bytes, at, bytes.length - at);
            }
            case 2 -> { // one byte less
                changed.write(bytes, 0, at);
                changed.write(bytes, at + 1, bytes.length - at - 1);
            }
            case 3 -> { // another byte
                changed.writeBytes(bytes);
                byte[] other = changed.toByteArray();
                other[at] = (byte) anyByte();
                return other;
            }
            case 4 -> { // one bit of it
                changed.writeBytes(bytes);
                byte[] other = changed.toByteArray();
                other[at] ^= (byte) (1 << random.nextInt(8));
                return other;
            }
            default -> { // something of it again, elsewhere
                int from = random.nextInt(bytes.length);
                int length = Math.min(bytes.length - from, random.nextInt(12));
                changed.write(bytes, 0, at);
                changed.write(bytes, from, length);
                changed.write(bytes, at, bytes.length - at);
            }
        }
        return changed.toByteArray();
    }

    private int anyByte() {
        String likely = "{}[]:,\"\\ \n\t0123456789-+.eEtfnu/'\u0001";
        return random.nextInt(4) == 0 ? random.nextInt(256) : likely.charAt(random.nextInt(likely.length()));
    }

    private void value(int depth) {
        int kind = random.nextInt(depth > 6 ? 6 : 9);
        switch (kind) {
            case 0 -> json.append(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 1 -> json.append(random.nextLong());
            case 2 -> json.append(random.nextInt(3) == 0 ? "true" : random.nextBoolean() ? "false" : "null");
            case 3, 4 -> text();
            case 5 -> json.append(random.nextInt(12) == 0 ? SLIPS[random.nextInt(SLIPS.length)] : "7");
            case 6 -> array(depth);
            default -> object(depth);
        }
    }

    private void array(int depth) {
        json.append('[');
        space();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                json.append(',');
            }
            space();
            value(depth + 1);
            space();
        }
        json.append(']');
    }

    private void object(int depth) {
        json.append('{');
        space();
        int count = random.nextInt(8) == 0 ? random.nextInt(60) : random.nextInt(5);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                json.append(',');
            }
            space();
            name(i);
            space();
            json.append(':');
            space();
            value(count > 5 ? 7 : depth + 1);
            space();
        }
        json.append('}');
    }

    private void name(int index) {
        if (random.nextInt(6) == 0) {
            text();
        } else {
            json.append('"')
                    .append(random.nextInt(40) == 0 ? "n0" : "n" + index)
                    .append('"');
        }
    }

    private void text() {
        json.append('"');
        int length = random.nextInt(4) == 0 ? random.nextInt(80) : random.nextInt(6);
        boolean isPlain = random.nextBoolean();
        int letter = random.nextInt(LETTERS.length);
        for (int i = 0; i < length; i++) {
            if (isPlain || random.nextInt(4) != 0) {
                json.append(LETTERS[random.nextInt(3) == 0 ? random.nextInt(LETTERS.length) : letter]);
            } else {
                json.append(ESCAPES[random.nextInt(ESCAPES.length)]);
            }
        }
        json.append('"');
    }

    private void space() {
        if (random.nextInt(6) == 0) {
            json.append(" \n\t\r".charAt(random.nextInt(4)));
        }
    }
}
