package dev.parley;

import dev.parley.frame.CharacterSets;
import dev.parley.frame.ContentTypes;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FlatObject;
import dev.parley.frame.Frame;
import dev.parley.frame.Header;
import dev.parley.frame.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A header and content; immutable as long as nobody writes to the array that it was given. Any thread. */
public final class Message {
    /** The content type of JSON, as we write it. */
    public static final String TEXT_JSON = ContentTypes.JSON;

    private static final String NATIVE_ORDER = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? "big" : "little";

    private final Frame frame;

    /** Read once, by whoever asks first; two threads that both do find the same. */
    private @Nullable FlatObject flat;

    private boolean flatIsKnown;

    private Message(Frame frame) {
        this.frame = frame;
    }

    /** The message of a frame that was read. */
    public static Message of(Frame frame) {
        return new Message(frame);
    }

    // Making one.

    /** A message with this JSON text as content, in UTF-8. The text is sent as it is. */
    public static Message json(String json) {
        return of(TEXT_JSON, "utf-8", json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A message with a value as JSON content: a record, a map, a list, a string, a number.
     *
     * @throws IllegalArgumentException when it cannot be written as JSON
     */
    public static Message ofValue(@Nullable Object value) {
        return of(TEXT_JSON, "utf-8", Json.write(value));
    }

    /** A message with this text as content, in UTF-8. */
    public static Message text(String text) {
        return text(text, "utf-8");
    }

    /**
     * A message with this text as content.
     *
     * @param encoding a character set of the protocol's section 2, such as {@code iso-8859-1}; {@code utf-16} gets a
     *     byte-order mark
     * @throws IllegalArgumentException when there is none of this name, or it has not all of the characters
     */
    public static Message text(String text, String encoding) {
        Charset set = CharacterSets.named(encoding.toLowerCase(Locale.ROOT));
        if (set == null) {
            throw new IllegalArgumentException("'" + encoding + "' is none of " + CharacterSets.NAMES);
        }
        try {
            ByteBuffer bytes = set.newEncoder().encode(CharBuffer.wrap(text));
            var content = new byte[bytes.remaining()];
            bytes.get(content);
            return of("text/plain", encoding, content);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the text has characters that " + encoding + " has not", e);
        }
    }

    /** A message with these bytes as content. */
    public static Message binary(String contentType, byte[] content) {
        return of(contentType, "binary", content);
    }

    /** A message with the rest of a buffer as content; numbers in it are in the buffer's byte order, and it says so. */
    public static Message binary(String contentType, ByteBuffer numbers) {
        var content = new byte[numbers.remaining()];
        numbers.get(numbers.position(), content);
        String order = numbers.order() == ByteOrder.BIG_ENDIAN ? "big" : "little";
        return new Message(
                new Frame(new Header(order, checked(contentType), "binary", content.length, 0, Map.of()), content));
    }

    private static Message of(String type, String encoding, byte[] content) {
        return new Message(
                new Frame(new Header(NATIVE_ORDER, checked(type), encoding, content.length, 0, Map.of()), content));
    }

    private static String checked(String contentType) {
        if (contentType.isEmpty() || contentType.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a content type must not be empty or hold control characters");
        }
        return contentType;
    }

    /**
     * This message with one more key in its header.
     *
     * @param value a string, a boolean, a whole number, or a {@link JsonNumber}, list or map as a header that was read
     *     has them
     * @throws IllegalArgumentException for another type, or for one of the four required keys or {@code id}
     */
    public Message with(String key, Object value) {
        if (List.of("byteorder", "content-type", "content-encoding", "content-length", Header.ID)
                .contains(key)) {
            throw new IllegalArgumentException("'" + key + "' is not for with(); the message has it already");
        }
        Object kept =
                switch (value) {
                    case Integer number -> new JsonNumber(number.toString());
                    case Long number -> new JsonNumber(number.toString());
                    case String _, Boolean _, JsonNumber _, List<?> _, Map<?, ?> _ -> value;
                    default ->
                        throw new IllegalArgumentException("a header holds strings, booleans, whole numbers, lists and"
                                + " maps, and no " + value.getClass().getName());
                };
        return new Message(new Frame(header().with(key, kept), content()));
    }

    /**
     * This message as one that goes this way in the exchange with this id, {@link Header#NO_ID} for a plain one; what
     * only the other side may say is left out, so that a handler may answer with the request that it got.
     */
    public Message going(Direction direction, long id) {
        boolean isSo = id == header().id() && header().others().isEmpty();
        return isSo ? this : new Message(new Frame(header().going(direction, id), content()));
    }

    // Reading one.

    /** The header. */
    public Header header() {
        return frame.header();
    }

    /** The content's bytes; the message's own array. */
    public byte[] content() {
        return frame.content();
    }

    /** The bytes and the header together. */
    public Frame frame() {
        return frame;
    }

    /** Whether the content says that it is JSON. */
    public boolean isJson() {
        return ContentTypes.isJson(header().contentType());
    }

    /** The error code of an error response; empty when the response is no error. */
    public Optional<String> status() {
        String status = header().text(Header.STATUS);
        return status == null || status.equals("ok") ? Optional.empty() : Optional.of(status);
    }

    /** Binary content as numbers in the sender's byte order; a read-only view from the first byte. */
    public ByteBuffer numbers() {
        return ByteBuffer.wrap(content())
                .asReadOnlyBuffer()
                .order(header().byteOrder().equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The content as text in the header's character set; content that says {@code binary} is taken for UTF-8.
     *
     * @throws ContentException when the bytes are none in that character set
     */
    public String text() {
        try {
            return characterSet()
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ContentException.bad("the content is not in its character set, " + header().contentEncoding(), e);
        }
    }

    private Charset characterSet() {
        Charset named = CharacterSets.named(header().contentEncoding());
        if (named == null) {
            return StandardCharsets.UTF_8;
        }
        return named.equals(StandardCharsets.UTF_16) ? utf16() : named;
    }

    /** UTF-16 without a byte-order mark is read in the sender's order. */
    private Charset utf16() {
        byte[] content = content();
        boolean marked = content.length >= 2
                && ((content[0] & 0xff) == 0xfe && (content[1] & 0xff) == 0xff
                        || (content[0] & 0xff) == 0xff && (content[1] & 0xff) == 0xfe);
        if (marked) {
            return StandardCharsets.UTF_16;
        }
        return header().byteOrder().equals("big") ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_16LE;
    }

    /**
     * The content as JSON: one value, without duplicate keys, nested at most 500 deep.
     *
     * @throws ContentException when it is none, or none in its character set
     */
    public JsonNode json() {
        return Json.read(this);
    }

    /** The content as JSON; null when it is none, or none in its character set. */
    public @Nullable JsonNode jsonOrNull() {
        try {
            return json();
        } catch (ContentException e) {
            return null;
        }
    }

    /**
     * The content's JSON as a value of this type, such as a record. Members that the type has not are ignored.
     *
     * @throws ContentException when the content does not say that it is JSON, is none, or does not fit
     */
    public <T> T as(Class<T> type) {
        if (!isJson()) {
            throw new ContentException(
                    ErrorCode.UNSUPPORTED_TYPE, "content-type must be text/json or application/json here", null);
        }
        return Json.bind(this, type);
    }

    /** The content as a question or answer of this type; a {@link Message} takes any content as it is. */
    <T> T to(Class<T> type) {
        return type == Message.class ? type.cast(this) : as(type);
    }

    /** The message of an answer or question: a value as JSON, a message as it is. */
    static Message ofAnswer(@Nullable Object value) {
        return value instanceof Message message ? message : ofValue(value);
    }

    /**
     * A small flat object's view of the content, which costs next to nothing; null where only {@link #json} can tell.
     */
    public @Nullable FlatObject flatOrNull() {
        if (!flatIsKnown) {
            boolean asciiIsItself = isJson() && !header().contentEncoding().startsWith("utf-16");
            flat = asciiIsItself ? FlatObject.parseOrNull(content()) : null;
            flatIsKnown = true;
        }
        return flat;
    }

    @Override
    public String toString() {
        return header().contentType() + ", " + content().length + " bytes";
    }

    /** JSON by Jackson, as strict with content as the protocol asks. */
    private static final class Json {
        private Json() {}

        static byte[] write(@Nullable Object value) {
            try {
                return JsonMappers.STRICT.writeValueAsBytes(value);
            } catch (JacksonException e) {
                throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
            }
        }

        static JsonNode read(Message message) {
            try {
                JsonNode node = JsonMappers.STRICT.readTree(message.text());
                if (node == null || node.isMissingNode()) {
                    throw ContentException.bad("the content is empty; it says that it is JSON", null);
                }
                return node;
            } catch (JacksonException e) {
                throw ContentException.bad("the content is not one JSON value", e);
            }
        }

        static <T> T bind(Message message, Class<T> type) {
            try {
                T value = JsonMappers.STRICT.readValue(message.text(), type);
                if (value == null) {
                    throw ContentException.bad("the content is null; a " + type.getSimpleName() + " is wanted", null);
                }
                return value;
            } catch (JacksonException e) {
                throw ContentException.bad(JsonMappers.why(e, type), e);
            }
        }
    }
}
