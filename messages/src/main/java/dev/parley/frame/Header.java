package dev.parley.frame;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The header of a message (docs/protocol.md, section 4). Immutable as long as nothing writes to the map that it was
 * given. A reader's headers obey the rules; headers that are made here are checked by the peer.
 *
 * @param byteOrder {@code little} or {@code big}, the byte order of numbers inside binary content
 * @param contentType the type of the content, such as {@code text/json}
 * @param contentEncoding the character set of text, or {@code binary}
 * @param contentLength the length of the content in bytes, 0 or more
 * @param id the exchange that the message belongs to, 1 to {@link #ID_MAX}; {@link #NO_ID} if it has none
 * @param others every other key, in the order of the wire: a {@link String}, {@link Boolean}, {@link JsonNumber},
 *     {@link java.util.List}, {@link Map} or {@link JsonNull}
 */
public record Header(
        String byteOrder,
        String contentType,
        String contentEncoding,
        int contentLength,
        long id,
        Map<String, Object> others) {
    /** The id of a message without one: a plain message. */
    public static final long NO_ID = 0;

    /** The largest id, which every JSON reader can represent exactly. */
    public static final long ID_MAX = (1L << 53) - 1;

    /** The key that names the exchange. */
    public static final String ID = "id";

    /** The key that names the handler of a request. */
    public static final String ACTION = "action";

    /** The key that marks a response as an error. */
    public static final String STATUS = "status";

    /** The key that marks the last response on a connection. */
    public static final String CLOSE = "close";

    /** The key that says how much longer the client waits. */
    public static final String TIMEOUT_MS = "timeout-ms";

    /** The key that marks a message that is neither request nor response. */
    public static final String CONTROL = "control";

    /** The key that says that further messages of the exchange follow in this direction. */
    public static final String MORE = "more";

    /** The key of a request that may want no response. */
    public static final String REPLY = "reply";

    /** The control that grants bytes of a stream, and the key that says how many bytes. */
    public static final String CREDIT = "credit";

    /** The largest grant of one control. */
    public static final int CREDIT_MAX = Integer.MAX_VALUE;

    /** The key that says how the content is compressed. */
    public static final String CONTENT_CODING = "content-coding";

    /** The key that says which codings the client reads. */
    public static final String ACCEPT_CODING = "accept-coding";

    /** The only coding (RFC 1952). */
    public static final String GZIP = "gzip";

    /** The key with which a client says that a request may be handled twice. */
    public static final String IDEMPOTENCY_KEY = "idempotency-key";

    /**
     * {@return a key's text; null if it is absent or not a string}
     *
     * @param key a key other than the components of this record
     */
    public @Nullable String text(String key) {
        return others.get(key) instanceof String text ? text : null;
    }

    /**
     * {@return whether a key is present and true}
     *
     * @param key a key other than the components of this record
     */
    public boolean isTrue(String key) {
        return Boolean.TRUE.equals(others.get(key));
    }

    /** {@return whether further messages of the exchange follow in this direction} */
    public boolean hasMore() {
        return !others.isEmpty() && isTrue(MORE);
    }

    /** {@return whether the client wants no response, not even an error} */
    public boolean isOneWay() {
        return !others.isEmpty() && Boolean.FALSE.equals(others.get(REPLY));
    }

    /** {@return whether this header is from a peer that knows more than the tutorial's four keys} */
    public boolean isOfFullPeer() {
        return id != NO_ID || !others.isEmpty() && !Collections.disjoint(others.keySet(), Direction.OWN_KEYS);
    }

    /** {@return whether this is a control, and so neither request nor response} */
    public boolean isControl() {
        return !others.isEmpty() && others.containsKey(CONTROL);
    }

    /** {@return the number of bytes that a control grants; 0 if it grants none} */
    public int credit() {
        return others.get(CREDIT) instanceof JsonNumber number ? Integer.parseInt(number.text()) : 0;
    }

    /** {@return the time that the client still waits, in milliseconds, 0 or more; -1 if it does not say} */
    public long timeoutMillis() {
        return !others.isEmpty() && others.get(TIMEOUT_MS) instanceof JsonNumber number
                ? Long.parseLong(number.text())
                : -1;
    }

    /**
     * {@return this header for a message in this direction, with this id: without the keys that only the other side may
     * send, and without {@code control} and {@code more}, which the sending layers add if they apply}
     *
     * @param direction the direction of the message
     * @param newId 1 to {@link #ID_MAX}, or {@link #NO_ID}
     */
    public Header going(Direction direction, long newId) {
        Map<String, Object> kept = others;
        boolean foreign = !others.isEmpty()
                && (!Collections.disjoint(others.keySet(), direction.keysOfOtherSide())
                        || others.containsKey(CONTROL)
                        || others.containsKey(MORE));
        if (foreign) {
            kept = new LinkedHashMap<>(others);
            kept.keySet().removeAll(direction.keysOfOtherSide());
            kept.remove(CONTROL);
            kept.remove(MORE);
        }
        return new Header(byteOrder, contentType, contentEncoding, contentLength, newId, kept);
    }

    /** Returns this header for the same content compressed. */
    Header packed(int bytes) {
        return new Header(byteOrder, contentType, contentEncoding, bytes, id, others).with(CONTENT_CODING, GZIP);
    }

    /** Returns this header for the same content uncompressed. */
    Header unpacked(int bytes) {
        var others = new LinkedHashMap<>(this.others);
        others.remove(CONTENT_CODING);
        return new Header(byteOrder, contentType, contentEncoding, bytes, id, others);
    }

    /**
     * {@return this header with one more key of an application, or with another value for the key} Unlike with {@link
     * #with}, the key and value are checked, so that a reader at the other end has no reason to refuse them.
     *
     * @param key any key except the four required keys, {@code id}, {@code more}, {@code control} and {@code close}
     * @param value a string, boolean, whole number, {@link JsonNumber}, {@link JsonNull}, or a list or map of these,
     *     which is copied
     * @throws IllegalArgumentException if a reader would have to refuse it; the message says which rule it breaks
     */
    public Header withApplicationKey(String key, Object value) {
        HeaderValues.checkIsForApplications(key);
        return withProtocolKey(key, value);
    }

    /**
     * {@return this header as {@link #withApplicationKey} returns it, where the key may also be {@code more}, {@code
     * control} or {@code close}}
     *
     * @param key any key except the four required keys and {@code id}
     * @param value a value as in {@link #withApplicationKey}
     * @throws IllegalArgumentException if a reader would have to refuse it; the message says which rule it breaks
     */
    public Header withProtocolKey(String key, Object value) {
        return with(key, HeaderValues.checked(this, key, value));
    }

    /** {@return this header as JSON, as the tutorial's programs write it, with its four required keys first} */
    public String toJson() {
        return HeaderText.json(this);
    }

    /**
     * {@return this header with one more key, or with another value for the key; nothing is checked}
     *
     * @param key a key other than the components of this record
     * @param value a value of one of the types in {@code others}
     */
    public Header with(String key, Object value) {
        var more = new LinkedHashMap<>(others);
        more.put(key, value);
        return new Header(byteOrder, contentType, contentEncoding, contentLength, id, more);
    }

    /** The direction of a message. Some keys may only be sent by the client, some only by the server. */
    public enum Direction {
        /** From the connecting end to the accepting one. */
        REQUEST,
        /** From the accepting end back to the connecting one. */
        RESPONSE;

        private static final Set<String> OF_RESPONSES = inOrder("status", "close");
        private static final Set<String> OF_REQUESTS = inOrder(
                "action", "reply", "timeout-ms", "accept-coding", "authorization", "traceparent", "idempotency-key");

        /** All keys of the protocol except the tutorial's four and {@code id}. */
        static final Set<String> OWN_KEYS = Stream.of(
                        OF_RESPONSES, OF_REQUESTS, Set.of(Header.MORE, Header.CONTROL, Header.CONTENT_CODING))
                .flatMap(Set::stream)
                .collect(Collectors.toUnmodifiableSet());

        private static Set<String> inOrder(String... keys) {
            return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(keys)));
        }

        /** Returns the keys that only the other side may send, in the order in which they are looked for. */
        Set<String> keysOfOtherSide() {
            return this == REQUEST ? OF_RESPONSES : OF_REQUESTS;
        }
    }

    /**
     * A number of a header as it was written (RFC 8259, section 6). It is never expanded, so {@code 1e999999999} costs
     * eleven characters.
     *
     * @param text the number as JSON writes it, at most 32 characters if it was read; not checked here
     */
    public record JsonNumber(String text) {
        private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]*");

        /** {@return whether it has digits only: no sign, fraction, exponent or leading zero} */
        public boolean isDigits() {
            return DIGITS.matcher(text).matches();
        }
    }

    /** The value {@code null} of a header's key, which is not the same as an absent key. */
    public enum JsonNull {
        /** The only value. */
        NULL
    }
}
