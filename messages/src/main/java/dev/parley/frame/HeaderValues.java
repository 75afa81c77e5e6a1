package dev.parley.frame;

import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the values that an application puts into a header, so that a {@link FrameReader} at the other end has no
 * reason to refuse them (docs/protocol.md, section 3).
 */
final class HeaderValues {
    private static final Set<String> OF_MESSAGE =
            Set.of("byteorder", "content-type", "content-encoding", "content-length", Header.ID);

    /** The keys that the protocol sets. For each key, the value says what an application uses instead. */
    private static final Map<String, String> OF_EXCHANGE = Map.of(
            Header.MORE, "a stream sends several messages",
            Header.CONTROL, "a call is cancelled by its time-out, and a stream by its close()",
            Header.CLOSE, "ServerBuilder.closeAfterResponse(true) ends connections");

    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    /**
     * The maximum number of keys of an application. It leaves room for the required keys, for {@code id}, and for all
     * keys of the protocol that a message in one direction may have.
     */
    private static final int KEYS_MAX = FrameLimits.HEADER_KEYS_MAX - 16;

    private HeaderValues() {}

    /**
     * Throws if an application must not set the key, because it says how a message is sent.
     *
     * @param key a key that an application sets
     * @throws IllegalArgumentException if it is such a key
     */
    static void checkIsForApplications(String key) {
        if (OF_EXCHANGE.containsKey(key)) {
            throw new IllegalArgumentException(
                    "'" + key + "' is not for with(); the protocol sets it: " + OF_EXCHANGE.get(key));
        }
    }

    /**
     * {@return the value in the form in which a header keeps it}
     *
     * @param header the header to which the value is added
     * @param key a key of an application
     * @param value a string, boolean, whole number, {@link JsonNumber}, {@link JsonNull}, or a list or map of these
     * @throws IllegalArgumentException if a reader would have to refuse the key or value; the message says why
     */
    static Object checked(Header header, String key, Object value) {
        if (OF_MESSAGE.contains(key)) {
            throw new IllegalArgumentException("'" + key + "' is not for with(); the message has it already");
        }
        checkName(key);
        if (isBeyondRoom(header, key)) {
            throw new IllegalArgumentException("a header has room for " + KEYS_MAX + " keys of an application");
        }
        boolean isLonger = key.equals(Header.AUTHORIZATION);
        Object kept = value(value, isLonger ? HeaderJson.AUTHORIZATION_BYTES_MAX : HeaderJson.STRING_BYTES_MAX, 1);
        checkMeaning(header, key, kept);
        return kept;
    }

    /**
     * Returns true if the key is one more key of the application, and there is no room for it. The keys of the protocol
     * do not count, since client and server add theirs after the application.
     */
    private static boolean isBeyondRoom(Header header, String key) {
        Map<String, Object> there = header.others();
        if (there.size() < KEYS_MAX || there.containsKey(key) || Direction.OWN_KEYS.contains(key)) {
            return false;
        }
        long own = there.keySet().stream()
                .filter(each -> !Direction.OWN_KEYS.contains(each))
                .count();
        return own >= KEYS_MAX;
    }

    private static void checkMeaning(Header header, String key, Object kept) {
        String mistake = key.equals(Header.CREDIT) && Header.CREDIT.equals(header.text(Header.CONTROL))
                ? HeaderRules.mistakeOfCredit(kept)
                : HeaderRules.mistake(key, kept);
        if (mistake != null) {
            throw new IllegalArgumentException(mistake);
        }
    }

    private static Object value(@Nullable Object value, int stringBytesMax, int depth) {
        return switch (value) {
            case String text -> checkedText("a string", text, stringBytesMax);
            case Boolean truth -> truth;
            case JsonNull none -> none;
            case Integer number -> new JsonNumber(number.toString());
            case Long number -> new JsonNumber(number.toString());
            case JsonNumber number -> checkedNumber(number);
            case List<?> items -> {
                checkDepth(depth + 1);
                yield items.stream()
                        .map(item -> value(item, HeaderJson.STRING_BYTES_MAX, depth + 1))
                        .toList();
            }
            case Map<?, ?> members -> {
                checkDepth(depth + 1);
                yield object(members, depth + 1);
            }
            case null, default ->
                throw new IllegalArgumentException(
                        "a header holds strings, booleans, whole numbers, lists and maps, not "
                                + (value == null
                                        ? "null; for JSON's null use JsonNull.NULL"
                                        : value.getClass().getName()));
        };
    }

    private static Map<String, Object> object(Map<?, ?> members, int depth) {
        if (members.size() > FrameLimits.HEADER_KEYS_MAX) {
            throw new IllegalArgumentException(
                    "an object in a header has at most " + FrameLimits.HEADER_KEYS_MAX + " keys");
        }
        var copy = new LinkedHashMap<String, Object>();
        for (Map.Entry<?, ?> member : members.entrySet()) {
            if (!(member.getKey() instanceof String name)) {
                throw new IllegalArgumentException("the names of an object in a header are strings");
            }
            checkName(name);
            copy.put(name, value(member.getValue(), HeaderJson.STRING_BYTES_MAX, depth));
        }
        return Collections.unmodifiableMap(copy);
    }

    private static void checkName(String name) {
        var _ = checkedText("a name", name, HeaderJson.NAME_BYTES_MAX);
    }

    private static String checkedText(String what, String text, int bytesMax) {
        if (JsonText.hasHalfPair(text)) {
            throw new IllegalArgumentException(what + " in a header must not have half a surrogate pair");
        }
        if (text.length() > bytesMax || text.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
            throw new IllegalArgumentException(what + " in a header has at most " + bytesMax
                    + " bytes in UTF-8; put large values into the content");
        }
        return text;
    }

    private static JsonNumber checkedNumber(JsonNumber number) {
        if (number.text().length() > HeaderJson.NUMBER_CHARS_MAX
                || !NUMBER.matcher(number.text()).matches()) {
            throw new IllegalArgumentException("a number in a header is written as JSON writes it, with at most "
                    + HeaderJson.NUMBER_CHARS_MAX + " characters");
        }
        return number;
    }

    private static void checkDepth(int depth) {
        if (depth > HeaderJson.DEPTH_MAX) {
            throw new IllegalArgumentException("a header is nested at most " + HeaderJson.DEPTH_MAX + " deep");
        }
    }
}
