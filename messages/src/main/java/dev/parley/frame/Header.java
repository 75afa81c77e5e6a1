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
 * The header of a message (docs/protocol.md, section 4). Immutable as long as nothing writes to the map that was passed
 * to it. If a {@link FrameReader} returns a header, the header obeys the rules of the protocol. If a program creates a
 * header, only the peer checks it.
 *
 * @param byteOrder {@code little} or {@code big}, the byte order of numbers inside binary content
 * @param contentType the type of the content, such as {@code text/json}
 * @param contentEncoding the character set of text, or {@code binary}
 * @param contentLength the length of the content in bytes, 0 or more
 * @param id the exchange that the message belongs to, 1 to {@link #ID_MAX}; {@link #NO_ID} if it has none
 * @param others all other keys, in the order in which they are on the wire; each value is a {@link String}, {@link
 *     Boolean}, {@link JsonNumber}, {@link java.util.List}, {@link Map} or {@link JsonNull}
 */
public record Header(
        String byteOrder,
        String contentType,
        String contentEncoding,
        int contentLength,
        long id,
        Map<String, Object> others) {
    /** The value of {@code id} for a message without an id, which is a plain message. */
    public static final long NO_ID = 0;

    /** The largest id. Every JSON reader can represent it exactly. */
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

    /** The key of a request with which a client says that it wants no response. */
    public static final String REPLY = "reply";

    /** The control that grants bytes of a stream, and the key that says how many bytes. */
    public static final String CREDIT = "credit";

    /** The largest grant of one control. */
    public static final int CREDIT_MAX = Integer.MAX_VALUE;

    /** The key that says how the content is compressed. */
    public static final String CONTENT_CODING = "content-coding";

    /** The key that says which codings the client can read. */
    public static final String ACCEPT_CODING = "accept-coding";

    /** The name of the only coding (RFC 1952). */
    public static final String GZIP = "gzip";

    /** The key of the credentials that a client shows, such as {@code Bearer 2f0c9d4e}. */
    public static final String AUTHORIZATION = "authorization";

    /** The key that names a trace and the call's place in it (W3C Trace Context). */
    public static final String TRACEPARENT = "traceparent";

    /** The key with which a client says that it may send a request again, so that it may be handled twice. */
    public static final String IDEMPOTENCY_KEY = "idempotency-key";

    private static final Set<String> PASSED_ON = Set.of(TRACEPARENT, IDEMPOTENCY_KEY, AUTHORIZATION);

    /**
     * {@return the text of a key; null if the key is absent, or its value is not a string}
     *
     * @param key a key other than the components of this record, such as {@code content-type}, which have methods of
     *     their own; upper and lower case differ
     */
    public @Nullable String text(String key) {
        return others.get(key) instanceof String text ? text : null;
    }

    /**
     * {@return whether a key is present and its value is true}
     *
     * @param key a key other than the components of this record
     */
    public boolean isTrue(String key) {
        return Boolean.TRUE.equals(others.get(key));
    }

    /**
     * {@return whether a key is about a message's way over one connection, so that it is not passed on with the
     * message}
     *
     * @param key any key
     */
    public static boolean isOfConnection(String key) {
        return Direction.OWN_KEYS.contains(key) && !PASSED_ON.contains(key);
    }

    /**
     * {@return the approximate memory, in bytes, of the keys in {@code others} and their values: the characters of all
     * texts and numbers, and 48 bytes for each value; 0 if {@code more} is the only key}
     */
    public int othersBytes() {
        return others.isEmpty() || others.size() == 1 && hasMore() ? 0 : HeaderMemory.of(others);
    }

    /** {@return whether further messages of the exchange follow in this direction} */
    public boolean hasMore() {
        return !others.isEmpty() && isTrue(MORE);
    }

    /** {@return whether the client wants no response, not even an error} */
    public boolean isOneWay() {
        return !others.isEmpty() && Boolean.FALSE.equals(others.get(REPLY));
    }

    /**
     * {@return whether this header has more keys of the protocol than the tutorial's four, so that its sender is a full
     * peer}
     */
    public boolean isOfFullPeer() {
        return id != NO_ID || !others.isEmpty() && !Collections.disjoint(others.keySet(), Direction.OWN_KEYS);
    }

    /** {@return whether this is the header of a control, which is neither a request nor a response} */
    public boolean isControl() {
        return !others.isEmpty() && others.containsKey(CONTROL);
    }

    /**
     * {@return the number of bytes that this control grants; 0 if it grants none, or if the value is not a number of
     * bytes, as in a message that uses the key for something of its own}
     */
    public int credit() {
        return others.get(CREDIT) instanceof JsonNumber number && HeaderRules.mistakeOfCredit(number) == null
                ? Integer.parseInt(number.text())
                : 0;
    }

    /** {@return the time that the client still waits, in milliseconds, 0 or more; -1 if the client set no timeout} */
    public long timeoutMillis() {
        return !others.isEmpty() && others.get(TIMEOUT_MS) instanceof JsonNumber number
                ? Long.parseLong(number.text())
                : -1;
    }

    /**
     * {@return this header with this id, for a message in this direction} The returned header does not have the keys
     * that only the other side may send. It does not have {@code control} and {@code more} either; the layers that send
     * messages add these if they apply.
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
            var fewer = new LinkedHashMap<>(others);
            fewer.keySet().removeAll(direction.keysOfOtherSide());
            fewer.remove(CONTROL);
            fewer.remove(MORE);
            kept = Collections.unmodifiableMap(fewer);
        }
        return new Header(byteOrder, contentType, contentEncoding, contentLength, newId, kept);
    }

    /** Returns the header for the same content after compression. */
    Header packed(int bytes) {
        return new Header(byteOrder, contentType, contentEncoding, bytes, id, others).with(CONTENT_CODING, GZIP);
    }

    /** Returns the header for the same content after decompression. */
    Header unpacked(int bytes) {
        var others = new LinkedHashMap<>(this.others);
        others.remove(CONTENT_CODING);
        return new Header(byteOrder, contentType, contentEncoding, bytes, id, Collections.unmodifiableMap(others));
    }

    /**
     * {@return this header with one more key of an application, or with another value for the key} Unlike {@link
     * #with}, this method checks the key and value, so that a reader at the other end has no reason to refuse them.
     *
     * @param key any key except the four required keys, {@code id}, {@code more}, {@code control} and {@code close}
     * @param value a string, boolean, whole number, {@link JsonNumber}, {@link JsonNull}, or a list or map of these,
     *     which is copied
     * @throws IllegalArgumentException if a reader would have to refuse the key or value; the message says which rule
     *     it breaks
     */
    public Header withApplicationKey(String key, Object value) {
        HeaderValues.checkIsForApplications(key);
        return withProtocolKey(key, value);
    }

    /**
     * {@return this header with one more key, or with another value for the key} The same as {@link
     * #withApplicationKey}, but the key may also be {@code more}, {@code control} or {@code close}.
     *
     * @param key any key except the four required keys and {@code id}
     * @param value a value, as for {@link #withApplicationKey}
     * @throws IllegalArgumentException if a reader would have to refuse the key or value; the message says which rule
     *     it breaks
     */
    public Header withProtocolKey(String key, Object value) {
        return with(key, HeaderValues.checked(this, key, value));
    }

    /**
     * {@return this header as JSON, in the form in which the tutorial's programs write it; the four required keys come
     * first}
     */
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
        return new Header(
                byteOrder, contentType, contentEncoding, contentLength, id, Collections.unmodifiableMap(more));
    }

    /** The direction of a message. Some keys may only be sent by the client, and some only by the server. */
    public enum Direction {
        /** From the end that connects, the client, to the end that accepts, the server. */
        REQUEST,
        /** From the end that accepts, the server, to the end that connects, the client. */
        RESPONSE;

        private static final Set<String> OF_RESPONSES = inOrder("status", "close");
        private static final Set<String> OF_REQUESTS =
                inOrder(ACTION, REPLY, TIMEOUT_MS, ACCEPT_CODING, AUTHORIZATION, TRACEPARENT, IDEMPOTENCY_KEY);

        /** All keys of the protocol except the tutorial's four and {@code id}. */
        static final Set<String> OWN_KEYS = Stream.of(
                        OF_RESPONSES, OF_REQUESTS, Set.of(Header.MORE, Header.CONTROL, Header.CONTENT_CODING))
                .flatMap(Set::stream)
                .collect(Collectors.toUnmodifiableSet());

        private static Set<String> inOrder(String... keys) {
            return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(keys)));
        }

        /** Returns the keys that must not be sent in this direction, in the order in which a reader looks for them. */
        Set<String> keysOfOtherSide() {
            return this == REQUEST ? OF_RESPONSES : OF_REQUESTS;
        }
    }

    /**
     * A number of a header, as the text that was written (RFC 8259, section 6). It is never expanded, so {@code
     * 1e999999999} takes only eleven characters.
     *
     * @param text the number in the syntax of JSON, which is not checked here; if a reader read it, at most 32
     *     characters
     */
    public record JsonNumber(String text) {
        private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]*");

        /** {@return whether the number has only digits: no sign, fraction, exponent or leading zero} */
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
