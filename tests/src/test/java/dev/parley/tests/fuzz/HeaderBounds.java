package dev.parley.tests.fuzz;

import dev.parley.frame.Header.JsonNumber;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The bounds of a header's JSON, written down a second time from the table of docs/protocol.md, section 3. */
final class HeaderBounds {
    private static final int DEPTH_MAX = 8;
    private static final int KEYS_MAX = 64;
    private static final int NAME_BYTES_MAX = 64;
    private static final int STRING_BYTES_MAX = 1_024;
    private static final int AUTHORIZATION_BYTES_MAX = 4_096;
    private static final int NUMBER_CHARS_MAX = 32;

    private HeaderBounds() {}

    static boolean areKeptBy(Map<String, Object> header) {
        return header.size() <= KEYS_MAX
                && header.entrySet().stream()
                        .allMatch(entry -> isName(entry.getKey()) && isMember(entry.getKey(), entry.getValue()));
    }

    private static boolean isMember(String name, Object value) {
        return switch (value) {
            case JsonNumber _ when name.equals("content-length") -> true;
            case String text when name.equals("authorization") -> isText(text, AUTHORIZATION_BYTES_MAX);
            default -> isValue(value, 1);
        };
    }

    /** {@code depth} is that of what holds the value. */
    private static boolean isValue(Object value, int depth) {
        return switch (value) {
            case String text -> isText(text, STRING_BYTES_MAX);
            case JsonNumber number -> number.text().length() <= NUMBER_CHARS_MAX;
            case List<?> items -> depth < DEPTH_MAX && items.stream().allMatch(item -> isValue(item, depth + 1));
            case Map<?, ?> members ->
                depth < DEPTH_MAX
                        && members.size() <= KEYS_MAX
                        && members.entrySet().stream()
                                .allMatch(entry ->
                                        isName((String) entry.getKey()) && isValue(entry.getValue(), depth + 1));
            default -> true;
        };
    }

    private static boolean isName(String name) {
        return isText(name, NAME_BYTES_MAX);
    }

    /** An encoder refuses half a surrogate pair. */
    private static boolean isText(String text, int bytesMax) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text)
                && text.getBytes(StandardCharsets.UTF_8).length <= bytesMax;
    }
}
