package dev.parley.frame;

import dev.parley.frame.Header.JsonNumber;
import java.util.List;
import java.util.Map;

/** Estimates the memory that the values of a header take. Both ends of a message come to the same result. */
final class HeaderMemory {
    /** The objects of one value, or of one key with its value. */
    private static final int VALUE_BYTES = 48;

    private HeaderMemory() {}

    /** Returns the bytes of these keys, with their values. */
    static int of(Map<?, ?> members) {
        int bytes = 0;
        for (Map.Entry<?, ?> member : members.entrySet()) {
            bytes += VALUE_BYTES + String.valueOf(member.getKey()).length() + of(member.getValue());
        }
        return bytes;
    }

    private static int of(Object value) {
        return switch (value) {
            case String text -> text.length();
            case JsonNumber number -> number.text().length();
            case Map<?, ?> members -> of(members);
            case List<?> items -> {
                int bytes = 0;
                for (Object item : items) {
                    bytes += VALUE_BYTES + of(item);
                }
                yield bytes;
            }
            default -> 0; // true, false and null are shared
        };
    }
}
