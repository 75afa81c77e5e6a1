package dev.parley;

import dev.parley.frame.CharacterSets;
import dev.parley.frame.ContentTypes;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FlatObject;
import dev.parley.frame.Frame;
import dev.parley.frame.FrameException;
import dev.parley.frame.Header;
import dev.parley.frame.HeaderValues;
import dev.parley.frame.JoinedBytes;
import dev.parley.frame.JsonFault;
import dev.parley.frame.JsonNumber;
import dev.parley.frame.JsonScan;
import dev.parley.frame.JsonText;
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
 * A header and content; immutable as long as nobody writes to the array that it was given. Any thread; but a request
 * that a handler of {@link Server.Builder#onLoop(String, Handler)} gets is lent, see {@link #kept}.
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
    /** The content type of JSON, as we write it. */
    public static final String TEXT_JSON = ContentTypes.JSON;

    private static final String NATIVE_ORDER = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? "big" : "little";

    /** Stands in a text for bytes that are not UTF-8, and may stand there by itself. */
    private static final char REPLACEMENT = '\ufffd';

    /** An object and the reference to it, as each value of a content may become one. */
    private static final int BOUND_VALUE_BYTES = 28;

    private final Frame frame;
    private final JsonLimits jsonLimits;

    /** What was made of the content before a handler asks for it, or why nothing could be; else null. */
    private @Nullable Object bound;

    private Message(Frame frame) {
        this(frame, JsonLimits.NONE);
    }

    private Message(Frame frame, JsonLimits jsonLimits) {
        this.frame = frame;
        this.jsonLimits = jsonLimits;
    }

    /**
     * {@return the message of a frame that was read}
     *
     * @param frame kept, not copied
     */
    public static Message of(Frame frame) {
        return new Message(frame);
    }

    /**
     * {@return the message of a frame that was read}
     *
     * @param frame kept, not copied
     * @param jsonLimits what {@link #json} and {@link #as} keep to
     */
    public static Message of(Frame frame, JsonLimits jsonLimits) {
        return new Message(frame, jsonLimits);
    }

    // Making one.

    /**
     * {@return a message with this JSON text as content, in UTF-8}
     *
     * @param json sent as it is, and not checked; half a surrogate pair, which UTF-8 cannot say, is escaped
     */
    public static Message json(String json) {
        return of(TEXT_JSON, "utf-8", JsonText.utf8(json));
    }

    /**
     * {@return a message with this JSON text, in UTF-8, as content}
     *
     * @param json kept, not copied; sent as it is, and not checked
     */
    public static Message json(byte[] json) {
        return of(TEXT_JSON, "utf-8", json);
    }

    /**
     * {@return a message with this JSON text, in UTF-8, as content}
     *
     * @param json sent as it is, and not checked
     */
    public static Message json(JoinedBytes json) {
        return new Message(new Frame(new Header(NATIVE_ORDER, TEXT_JSON, "utf-8", json.length(), 0, Map.of()), json));
    }

    /**
     * {@return a message with a value as JSON content, in UTF-8}
     *
     * @param value a record, a map, a list, a string, a number; null is JSON's. docs/types.md has the types
     * @throws IllegalArgumentException when it cannot be written as JSON, such as NaN and infinite numbers
     */
    public static Message ofValue(@Nullable Object value) {
        JoinedBytes flat = value == null ? null : RecordShape.writeOrNull(value);
        return flat == null ? of(TEXT_JSON, "utf-8", JsonContent.write(value)) : json(flat);
    }

    /**
     * {@return a message with this text as {@code text/plain} content, in UTF-8}
     *
     * @param text any but half surrogate pairs
     * @throws IllegalArgumentException when it has half a surrogate pair
     */
    public static Message text(String text) {
        return text(text, "utf-8");
    }

    /**
     * {@return a message with this text as {@code text/plain} content}
     *
     * @param text in characters that the encoding has
     * @param encoding a character set of docs/protocol.md, section 5, in small letters, such as {@code iso-8859-1};
     *     {@code utf-16} gets a byte-order mark
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

    /**
     * {@return a message with these bytes as content; it says that numbers in them are in this machine's order}
     *
     * @param contentType not empty, without control characters; {@code text/json} and {@code application/json} are
     *     refused by the peer, since JSON is no bytes
     * @param content kept, not copied
     * @throws IllegalArgumentException when the content type has another form
     */
    public static Message binary(String contentType, byte[] content) {
        return of(contentType, "binary", content);
    }

    /**
     * {@return a message with the rest of a buffer as content; numbers in it are in the buffer's byte order, and it
     * says so}
     *
     * @param contentType as in {@link #binary(String, byte[])}
     * @param numbers copied from its position to its limit, which stay
     * @throws IllegalArgumentException when the content type has another form
     */
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
     * {@return this message with one more key in its header, or another value of it}
     *
     * @param key at most 64 bytes in UTF-8; docs/protocol.md, section 4, has those that mean something
     * @param value a string of at most 1,024 bytes in UTF-8 without half a surrogate pair ({@code authorization}: 4,096
     *     bytes), a boolean, a whole number, or a {@link JsonNumber}, list or map as a header that was read has them; a
     *     list or map is copied
     * @throws IllegalArgumentException for what the peer would have to refuse, and for one of the four required keys,
     *     {@code id}, {@code more}, {@code control} or {@code close}, which the protocol sets; the message says which
     *     rule it breaks
     */
    public Message with(String key, Object value) {
        HeaderValues.checkIsForApplications(key);
        return withProtocolKey(key, value);
    }

    /**
     * {@return this message with one more key in its header, also {@code more}, {@code control} or {@code close}} For
     * the layers that send, and for a peer of one's own making.
     *
     * @param key any but the four required keys and {@code id}
     * @param value as in {@link #with}
     * @throws IllegalArgumentException for what the peer would have to refuse; the message says which rule it breaks
     */
    public Message withProtocolKey(String key, Object value) {
        Object checked = HeaderValues.checked(header(), key, value);
        return new Message(frame.with(header().with(key, checked)), jsonLimits);
    }

    /**
     * {@return this message as one that goes this way in an exchange; what only the other side may say is left out, so
     * that a handler may answer with the request that it got} For the layers that send; a handler need not call it.
     *
     * @param direction request or response
     * @param id of the exchange, 1 to {@link Header#ID_MAX}; {@link Header#NO_ID} for a plain one
     */
    public Message going(Direction direction, long id) {
        boolean isSo = id == header().id() && header().others().isEmpty();
        return isSo ? this : new Message(frame.with(header().going(direction, id)), jsonLimits);
    }

    // Reading one.

    /** {@return the header} */
    public Header header() {
        return frame.header();
    }

    /** {@return the content's bytes, maybe none; the message's own array} */
    public byte[] content() {
        return frame.content();
    }

    /**
     * {@return this message, to keep} A handler that runs on the loop gets a request that is valid until it returns:
     * its content lies in memory that the next one uses again. Of such a one this is a copy; any other is itself.
     */
    @SuppressWarnings("ReferenceEquality") // whether it gave itself
    public Message kept() {
        Frame kept = frame.kept();
        return kept == frame ? this : new Message(kept, jsonLimits);
    }

    /**
     * {@return this message with its content as it was before it was compressed; itself if it is not} For the layers
     * that receive; a handler gets it so.
     *
     * @param bytesMax how much that may be
     * @throws FrameException when it is more, or the content is not one member of gzip
     */
    public Message unpacked(int bytesMax) throws FrameException {
        return frame.isPacked() ? new Message(frame.unpacked(bytesMax), jsonLimits) : this;
    }

    /** {@return how many bytes the content has} */
    public int contentLength() {
        return frame.contentLength();
    }

    /** {@return the bytes and the header together} */
    public Frame frame() {
        return frame;
    }

    /** {@return whether the content type says JSON; the content may be none all the same} */
    public boolean isJson() {
        return ContentTypes.isJson(header().contentType());
    }

    /** {@return the error code of an error response; empty when the response is no error} */
    public Optional<String> status() {
        String status = header().text(Header.STATUS);
        return status == null || status.equals("ok") ? Optional.empty() : Optional.of(status);
    }

    /**
     * {@return binary content as numbers in the sender's byte order; a read-only view from the first byte, another one
     * each time}
     */
    public ByteBuffer numbers() {
        return ByteBuffer.wrap(content())
                .asReadOnlyBuffer()
                .order(header().byteOrder().equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return the content as text in the header's character set; content that says {@code binary} is taken for UTF-8}
     *
     * @throws ContentException when the bytes are none in that character set
     */
    public String text() {
        Charset set = characterSet();
        if (set.equals(StandardCharsets.UTF_8)) {
            String text = new String(content(), set);
            if (text.indexOf(REPLACEMENT) < 0) {
                return text; // there is nothing in place of bytes that are none
            }
        }
        try {
            return set.newDecoder().decode(ByteBuffer.wrap(content())).toString();
        } catch (CharacterCodingException e) {
            throw ContentException.bad("the content is not in its character set, " + header().contentEncoding(), e);
        }
    }

    /** What a scan of the content sees, which happens once; {@code asTree} is whether its values count. */
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
        return switch (fault.kind()) {
            case EMPTY -> "the content is empty; it says that it is JSON";
            case NOT_JSON -> "the content is not one JSON value: " + fault.getMessage();
            case NOT_UTF_8 -> "the content is not in its character set, " + header().contentEncoding() + fault.place();
            case BEYOND_LIMIT -> "the content " + fault.getMessage();
        };
    }

    private byte[] utf8() {
        return characterSet().equals(StandardCharsets.UTF_8) ? content() : text().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return what a scan of the content sees, which makes no objects of it: that it is one JSON value, and where the
     * values of its members stand} It is made once; a request keeps to the {@link MessageLimits#json} of its server.
     *
     * @throws ContentException when it is none, none in its character set, or more than the limits allow
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
     * {@return the content as JSON: one value, without duplicate keys, nested at most 500 deep (RFC 8259)} A request
     * keeps to the {@link MessageLimits#json} of its server.
     *
     * @throws ContentException when it is none, none in its character set, or more than the limits allow
     */
    public JsonNode json() {
        return JsonContent.read(this);
    }

    /** {@return the content as JSON; null when it is none, or none in its character set} */
    public @Nullable JsonNode jsonOrNull() {
        try {
            return json();
        } catch (ContentException e) {
            return null;
        }
    }

    /**
     * {@return the content's JSON as a value of this type, such as a record; never null} Members that the type has not
     * are ignored. What a record has must be there, except for components that are an {@link Optional} or annotated as
     * {@code Nullable}; and nothing is taken for another type, such as the text {@code "3"} for a number.
     *
     * @param <T> the type
     * @param type a record, a map, a list or another class that Jackson binds
     * @throws ContentException when the content does not say that it is JSON, is none, or does not fit
     */
    public <T> T as(Class<T> type) {
        if (!isJson()) {
            throw new ContentException(
                    ErrorCode.UNSUPPORTED_TYPE,
                    "the content must be JSON here: content-type text/json or application/json",
                    null);
        }
        return JsonContent.bind(this, type);
    }

    /** For a server, on a thread that may take its time: a scan of the content is kept for who asks for it next. */
    public void scanAhead() {
        try {
            scan(false);
        } catch (ContentException told) {
            return; // to who asks next, since that one finds the same
        }
    }

    /**
     * For a server, on a thread that may take its time: the content is bound, and the value kept for the handler.
     *
     * @param type that of the handler's question
     */
    public void bindAhead(Class<?> type) {
        try {
            bound = as(type);
        } catch (ContentException refused) {
            bound = refused;
        } catch (RuntimeException notOfTheContent) {
            bound = null; // such as a type that is not open to us: the handler meets it, and it is told as ever
        }
    }

    /** {@return an estimate of what the value takes in memory that was bound ahead; 0 if there is none} */
    public long boundBytes() {
        JsonScan scan = frame.scannedOrNull();
        return bound == null || scan == null ? 0 : contentLength() + (long) BOUND_VALUE_BYTES * scan.values();
    }

    /** The content as a question or answer of this type; a {@link Message} takes any content as it is. */
    @SuppressWarnings("unchecked") // it was bound to the question's type, which is the only one that is asked for
    <T> T to(Class<T> type) {
        Object ahead = bound;
        if (ahead != null) {
            bound = null; // a value that can be changed is one handler's
            if (ahead instanceof ContentException refused) {
                throw refused;
            }
            return (T) ahead; // a cast by the type would refuse an Integer for an int
        }
        return type == Message.class ? type.cast(this) : as(type);
    }

    /** The message of an answer or question: a value as JSON, a message as it is. */
    static Message ofAnswer(@Nullable Object value) {
        return value instanceof Message message ? message : ofValue(value);
    }

    /**
     * {@return a small flat object's view of the content, which costs next to nothing; null where only {@link #json}
     * can tell}
     */
    public @Nullable FlatObject flatOrNull() {
        return frame.flatOrNull();
    }

    @Override
    public String toString() {
        return header().contentType() + ", " + frame.contentLength() + " bytes";
    }
}
