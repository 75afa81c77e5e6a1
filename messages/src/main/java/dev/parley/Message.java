package dev.parley;

import dev.parley.frame.ErrorCode;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameException;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.frame.Header.JsonNumber;
import dev.parley.json.FlatObject;
import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonFault;
import dev.parley.json.JsonScan;
import dev.parley.json.JsonText;
import dev.parley.names.CharacterSets;
import dev.parley.names.ContentTypes;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A message: a header and content. It is immutable as long as nothing writes to the array that was passed to it. Any
 * thread may use it. Exception: a request that is passed to a handler of {@link ServerBuilder#onLoop(String, Handler)}
 * is lent: it is valid only until the handler returns; see {@link #kept}.
 *
 * {@snippet :
 * record Point(int x, int y) {}
 * Message question = Message.ofValue(new Point(1, 2)).with("x-user", "neo");
 * Point point = question.as(Point.class);
 * int y = question.json().path("y").asInt();
 * String user = question.header().text("x-user");
 *
 * ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(42).flip();
 * long first = Message.binary("application/x-numbers", numbers).numbers().getLong(); // 42 on every machine
 * }
 */
public final class Message {
    /** The content type of the JSON that we write. */
    public static final String TEXT_JSON = ContentTypes.JSON;

    private static final String NATIVE_ORDER = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? "big" : "little";

    /** The character that replaces bytes that are not UTF-8. A valid text may contain this character too. */
    private static final char REPLACEMENT = '\ufffd';

    /** The maximum length of a content type in UTF-8. If it is longer, the peer's reader ends the connection. */
    private static final int CONTENT_TYPE_BYTES_MAX = 1_024;

    /** The estimated memory of each JSON value after binding: an object, and the reference to the object. */
    private static final int BOUND_VALUE_BYTES = 28;

    /** The estimated length of a value in a content that is not JSON, so that its values were not counted. */
    private static final int BOUND_BYTES_OF_VALUE = 8;

    private final Frame frame;
    private final JsonLimits jsonLimits;

    /**
     * The value to which the content was bound in advance, or the exception if it could not be bound. Null if the
     * content was not bound in advance, or the value was already taken.
     */
    private @Nullable Object bound;

    private Message(Frame frame) {
        this(frame, JsonLimits.NONE);
    }

    private Message(Frame frame, JsonLimits jsonLimits) {
        this.frame = frame;
        this.jsonLimits = jsonLimits;
    }

    /**
     * {@return the message of a frame that was received}
     *
     * @param frame the frame; kept, not copied
     */
    public static Message of(Frame frame) {
        return new Message(frame);
    }

    /**
     * {@return the message of a frame that was received}
     *
     * @param frame the frame; kept, not copied
     * @param jsonLimits the limits for {@link #json} and {@link #as}
     */
    public static Message of(Frame frame, JsonLimits jsonLimits) {
        return new Message(frame, jsonLimits);
    }

    // Making a message.

    /**
     * {@return a message with this JSON text as content, in UTF-8}
     *
     * @param json the text, which is sent unchanged and unchecked, except that half of a surrogate pair, which UTF-8
     *     cannot encode, is escaped
     */
    public static Message json(String json) {
        return of(TEXT_JSON, "utf-8", JsonText.utf8(json));
    }

    /**
     * {@return a message with this JSON text, in UTF-8, as content}
     *
     * @param json the text; kept, not copied, and sent unchanged and unchecked
     */
    public static Message json(byte[] json) {
        return of(TEXT_JSON, "utf-8", json);
    }

    /**
     * {@return a message with this JSON text, in UTF-8, as content} This method is for the layers above.
     *
     * @param json the text, which is sent unchanged and unchecked
     */
    public static Message json(JoinedBytes json) {
        return new Message(new Frame(new Header(NATIVE_ORDER, TEXT_JSON, "utf-8", json.length(), 0, Map.of()), json));
    }

    /**
     * {@return a message with a value as JSON content, in UTF-8}
     *
     * @param value a record, a map, a list, a string, a number, or null, which becomes JSON's null; docs/types.md lists
     *     the types
     * @throws IllegalArgumentException if it cannot be written as JSON, such as NaN and infinite numbers
     */
    public static Message ofValue(@Nullable Object value) {
        JoinedBytes flat = value == null ? null : RecordShape.writeOrNull(value);
        return flat == null ? of(TEXT_JSON, "utf-8", JsonContent.write(value)) : json(flat);
    }

    /**
     * {@return a message with this text as {@code text/plain} content, in UTF-8}
     *
     * @param text any text without half surrogate pairs
     * @throws IllegalArgumentException if it has half a surrogate pair
     */
    public static Message text(String text) {
        return text(text, "utf-8");
    }

    /**
     * {@return a message with this text as {@code text/plain} content}
     *
     * @param text a text that only has characters of the encoding
     * @param encoding a character set of docs/protocol.md, section 5, such as {@code iso-8859-1}; the header gets it in
     *     lower case; {@code utf-16} gets a byte-order mark
     * @throws IllegalArgumentException if the encoding is unknown, or lacks one of the characters
     */
    public static Message text(String text, String encoding) {
        Charset set = CharacterSets.named(encoding);
        if (set == null) {
            throw new IllegalArgumentException("'" + encoding + "' is not one of " + CharacterSets.NAMES);
        }
        try {
            ByteBuffer bytes = set.newEncoder().encode(CharBuffer.wrap(text));
            var content = new byte[bytes.remaining()];
            bytes.get(content);
            return of("text/plain", encoding.toLowerCase(Locale.ROOT), content);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the text has characters that " + encoding + " does not have", e);
        }
    }

    /**
     * {@return a message with these bytes as content; its header says that numbers in them are in this machine's byte
     * order}
     *
     * @param contentType not empty, without control characters, of at most 1,024 bytes in UTF-8 without half a
     *     surrogate pair; {@code text/json} and {@code application/json} are refused by the peer, since JSON is text
     * @param content the bytes; kept, not copied
     * @throws IllegalArgumentException if the content type is not allowed
     */
    public static Message binary(String contentType, byte[] content) {
        return of(checked(contentType), "binary", content);
    }

    /**
     * {@return a message with the rest of a buffer as content; its header says that numbers in it are in the buffer's
     * byte order}
     *
     * @param contentType the content type, as in {@link #binary(String, byte[])}
     * @param numbers the buffer, which is copied from its position to its limit; both are unchanged
     * @throws IllegalArgumentException if the content type is not allowed
     */
    public static Message binary(String contentType, ByteBuffer numbers) {
        var content = new byte[numbers.remaining()];
        numbers.get(numbers.position(), content);
        String order = numbers.order() == ByteOrder.BIG_ENDIAN ? "big" : "little";
        return new Message(
                new Frame(new Header(order, checked(contentType), "binary", content.length, 0, Map.of()), content));
    }

    private static Message of(String type, String encoding, byte[] content) {
        return new Message(new Frame(new Header(NATIVE_ORDER, type, encoding, content.length, 0, Map.of()), content));
    }

    static String checked(String contentType) {
        if (contentType.isEmpty() || contentType.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a content type must not be empty or hold control characters");
        }
        if (JsonText.hasHalfPair(contentType)
                || contentType.getBytes(StandardCharsets.UTF_8).length > CONTENT_TYPE_BYTES_MAX) {
            throw new IllegalArgumentException("a content type must not hold half a surrogate pair, or have more than "
                    + CONTENT_TYPE_BYTES_MAX + " bytes in UTF-8");
        }
        return contentType;
    }

    /**
     * {@return this message with one more key in its header, or with another value for the key}
     *
     * @param key at most 64 bytes in UTF-8; docs/protocol.md, section 4, lists the keys that have a meaning
     * @param value a string of at most 1,024 bytes in UTF-8 without half a surrogate pair ({@code authorization}: 4,096
     *     bytes), a boolean, a whole number, or a {@link JsonNumber}, list or map as in a header that was read; a list
     *     or map is copied
     * @throws IllegalArgumentException if the protocol requires the peer to refuse the key or value; also if the key is
     *     one of the four required keys, or {@code id}, {@code more}, {@code control} or {@code close}, since the
     *     protocol sets these; also if the header has 48 keys already that have no meaning in the protocol. The message
     *     of the exception says which rule was broken
     */
    public Message with(String key, Object value) {
        return new Message(frame.with(header().withApplicationKey(key, value)), jsonLimits);
    }

    /**
     * {@return this message with one more key in its header, which may be {@code more}, {@code control} or {@code
     * close}} This method is for the layers that send messages, and for applications that implement the protocol
     * themselves.
     *
     * @param key any key except the four required keys and {@code id}
     * @param value a value, as for {@link #with}
     * @throws IllegalArgumentException if the protocol requires the peer to refuse the key or value; the message of the
     *     exception says which rule was broken
     */
    public Message withProtocolKey(String key, Object value) {
        return new Message(frame.with(header().withProtocolKey(key, value)), jsonLimits);
    }

    /**
     * {@return this message for this direction of an exchange, without the keys that only the other side may send} This
     * allows a handler to return the request that it received. The layers that send messages call this method; a
     * handler need not call it.
     *
     * @param direction the direction of the message
     * @param id the id of the exchange, 1 to {@link Header#ID_MAX}; {@link Header#NO_ID} for a plain exchange
     */
    public Message going(Direction direction, long id) {
        boolean isSo = id == header().id() && header().others().isEmpty();
        return isSo ? this : new Message(frame.with(header().going(direction, id)), jsonLimits);
    }

    // Reading a message.

    /** {@return the header} */
    public Header header() {
        return frame.header();
    }

    /** {@return the content's bytes, as the message's own array, which may be empty} */
    public byte[] content() {
        return frame.content();
    }

    /**
     * {@return this message, or a copy if this message is lent, so that the result can be kept} A handler that runs on
     * the loop gets a lent request. It is only valid until the handler returns, since the memory of its content is used
     * again for the next request.
     */
    @SuppressWarnings("ReferenceEquality") // checks whether the frame returned itself
    public Message kept() {
        Frame kept = frame.kept();
        return kept == frame ? this : new Message(kept, jsonLimits);
    }

    /**
     * Returns this message with its content compressed, or this message itself if its content would not become shorter.
     */
    @SuppressWarnings("ReferenceEquality") // checks whether the frame returned itself
    Message packed() {
        Frame packed = frame.packed();
        return packed == frame ? this : new Message(packed, jsonLimits);
    }

    /**
     * {@return this message with its content uncompressed, or this message itself if its content is not compressed} The
     * layers that receive messages call this method, so a handler always gets uncompressed messages.
     *
     * @param bytesMax the maximum number of bytes of the uncompressed content
     * @throws FrameException if the uncompressed content has more bytes, or the content is not one gzip member
     */
    public Message unpacked(int bytesMax) throws FrameException {
        return frame.isPacked() ? new Message(frame.unpacked(bytesMax), jsonLimits) : this;
    }

    /** {@return the length of the content in bytes} */
    public int contentLength() {
        return frame.contentLength();
    }

    /** {@return the frame of this message: its header and bytes} */
    public Frame frame() {
        return frame;
    }

    /** {@return whether the content type is JSON; the content may still not be valid JSON} */
    public boolean isJson() {
        return ContentTypes.isJson(header().contentType());
    }

    /** {@return the error code of an error response; empty if the response is not an error} */
    public Optional<String> status() {
        String status = header().text(Header.STATUS);
        return status == null || status.equals("ok") ? Optional.empty() : Optional.of(status);
    }

    /** {@return a new read-only view of binary content from the first byte, in the sender's byte order for numbers} */
    public ByteBuffer numbers() {
        return ByteBuffer.wrap(content())
                .asReadOnlyBuffer()
                .order(header().byteOrder().equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return the content as text in the header's character set; content with the encoding {@code binary} is read as
     * UTF-8}
     *
     * @throws ContentException if the bytes are invalid in that character set
     */
    public String text() {
        Charset set = characterSet();
        if (set.equals(StandardCharsets.UTF_8)) {
            String text = new String(content(), set);
            if (text.indexOf(REPLACEMENT) < 0) {
                return text; // no invalid bytes were replaced
            }
        }
        try {
            return set.newDecoder().decode(ByteBuffer.wrap(content())).toString();
        } catch (CharacterCodingException e) {
            throw ContentException.bad("the content is not in its character set, " + header().contentEncoding(), e);
        }
    }

    /**
     * Returns the scan of the content. The content is scanned at the first call; later calls return the same scan if
     * the limits allow it. If {@code asTree} is true, the values are counted, and their number is limited.
     */
    JsonScan scan(boolean asTree) {
        JsonScan before = frame.scannedOrNull();
        if (before != null && jsonLimits.allow(before, asTree)) {
            return before;
        }
        try {
            JsonScan scan = jsonLimits.scan(before == null ? utf8() : before.json(), asTree);
            frame.keep(scan);
            return scan;
        } catch (JsonFault e) {
            throw ContentException.bad(whyNot(e), e);
        }
    }

    private String whyNot(JsonFault fault) {
        String place = isUtf8() ? fault.place() : ""; // the place in what we scanned, which the peer has not sent
        return switch (fault.kind()) {
            case EMPTY -> "the content is empty, but its type is JSON";
            case NOT_JSON -> "the content is not one JSON value: " + fault.reason() + place;
            case NOT_UTF_8 -> "the content is not in its character set, " + header().contentEncoding() + place;
            case BEYOND_LIMIT -> "the content " + fault.reason() + place;
        };
    }

    private boolean isUtf8() {
        return characterSet().equals(StandardCharsets.UTF_8);
    }

    private byte[] utf8() {
        return isUtf8() ? content() : text().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return the scan of the content} A scan checks that the content is one JSON value, and finds the values of its
     * members, without creating objects. The content is scanned once. For a request, the limits {@link
     * MessageLimits#json} of its server apply. This method is for the layers above.
     *
     * @throws ContentException if the content is not JSON, not in its character set, or exceeds the limits
     */
    public JsonScan scan() {
        return scan(false);
    }

    private Charset characterSet() {
        Charset named = CharacterSets.named(header().contentEncoding());
        if (named == null) {
            return StandardCharsets.UTF_8;
        }
        return named.equals(StandardCharsets.UTF_16) ? utf16() : named;
    }

    /** Returns the variant of UTF-16. If there is no byte-order mark, the sender's byte order decides. */
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
     * {@return the content as JSON: one value, without duplicate keys, nested at most 500 deep (RFC 8259)} For a
     * request, the limits {@link MessageLimits#json} of its server apply.
     *
     * @throws ContentException if the content is not JSON, not in its character set, or exceeds the limits
     */
    public JsonNode json() {
        return JsonContent.read(this);
    }

    /** {@return the content as JSON; null if {@link #json} would throw a {@link ContentException}} */
    public @Nullable JsonNode jsonOrNull() {
        try {
            return json();
        } catch (ContentException e) {
            return null;
        }
    }

    /**
     * {@return the content's JSON as a value of this type, such as a record; never null} Members that the type does not
     * have are ignored. All components of a record must be there, except components that are an {@link Optional} or are
     * annotated as {@code Nullable}. No value is converted to another type: for example, the text {@code "3"} is not
     * accepted as a number.
     *
     * @param <T> the type
     * @param type a record, a map, a list or another class that Jackson binds
     * @throws ContentException if the content type is not JSON, the content is not JSON, or the content does not fit
     *     the type
     */
    public <T> T as(Class<T> type) {
        checkIsJson();
        return JsonContent.bind(this, type);
    }

    /** Returns the content's JSON as a value of a type that has type parameters; see {@link #as(Class)}. */
    Object as(Type type) {
        checkIsJson();
        return JsonContent.bind(this, type);
    }

    private void checkIsJson() {
        if (!isJson()) {
            throw new ContentException(
                    ErrorCode.UNSUPPORTED_TYPE,
                    "the content must be JSON here: content-type text/json or application/json",
                    null);
        }
    }

    /**
     * Scans the content in advance, and keeps the scan for the next caller of {@link #scan()}. A server calls this on a
     * thread that may take its time.
     */
    public void scanAhead() {
        try {
            scan(false);
        } catch (ContentException told) {
            return; // ignored, since the next caller gets the same exception
        }
    }

    /**
     * Binds the content to a value in advance, and keeps the value for the handler. A server calls this on a thread
     * that may take its time.
     *
     * @param codec the codec of the handler's question
     */
    public void bindAhead(Codec<?> codec) {
        try {
            bound = Codecs.read(codec, this);
        } catch (ContentException refused) {
            bound = refused;
        } catch (RuntimeException notOfTheContent) {
            bound = null; // such as a type that is not open to us; reported when the content is bound again
        }
    }

    /**
     * {@return an estimate of the memory, in bytes, of the value that was bound in advance; 0 if no value was bound}
     */
    public long boundBytes() {
        if (bound == null) {
            return 0;
        }
        JsonScan scan = frame.scannedOrNull();
        long values = scan == null ? contentLength() / BOUND_BYTES_OF_VALUE : scan.values();
        return contentLength() + BOUND_VALUE_BYTES * values;
    }

    /** Returns the content as a question or answer of this codec. */
    @SuppressWarnings("unchecked") // the content was bound by the question's codec, and callers pass only this codec
    <T extends @Nullable Object> T to(Codec<T> codec) {
        Object ahead = bound;
        if (ahead != null) {
            bound = null; // the value may be mutable, so only one handler gets it
            if (ahead instanceof ContentException refused) {
                throw refused;
            }
            return (T) ahead;
        }
        return Codecs.read(codec, this);
    }

    /**
     * {@return a view of the content as a small flat object; null if only {@link #json} can read the content} This view
     * is much cheaper than {@link #json}. This method is for the layers above.
     */
    public @Nullable FlatObject flatOrNull() {
        return frame.flatOrNull();
    }

    @Override
    public String toString() {
        return header().contentType() + ", " + frame.contentLength() + " bytes";
    }
}
