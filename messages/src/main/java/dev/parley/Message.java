package dev.parley;

import dev.parley.frame.Frame;
import dev.parley.frame.Header;
import dev.parley.frame.JsonNumber;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A header and content; immutable as long as nobody writes to the array that it was given. */
public final class Message {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** The content type of JSON, as we write it. */
    public static final String TEXT_JSON = "text/json";

    private final Frame frame;

    private Message(Frame frame) {
        this.frame = frame;
    }

    /** The message of a frame that was read. */
    public static Message of(Frame frame) {
        return new Message(frame);
    }

    /** A message with this JSON text as content, in UTF-8. */
    public static Message json(String json) {
        return of(TEXT_JSON, "utf-8", json.getBytes(StandardCharsets.UTF_8));
    }

    /** A message with these bytes as content. */
    public static Message binary(String contentType, byte[] content) {
        return of(contentType, "binary", content);
    }

    private static Message of(String type, String encoding, byte[] content) {
        String order = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? "big" : "little";
        return new Message(new Frame(new Header(order, type, encoding, content.length, Map.of()), content));
    }

    /** This message with one more key in its header: a string, a boolean, or a number as {@link JsonNumber}. */
    public Message with(String key, Object value) {
        Header header = frame.header();
        var others = new LinkedHashMap<>(header.others());
        others.put(key, value);
        return new Message(new Frame(
                new Header(
                        header.byteOrder(),
                        header.contentType(),
                        header.contentEncoding(),
                        header.contentLength(),
                        others),
                frame.content()));
    }

    /** The header. */
    public Header header() {
        return frame.header();
    }

    /** The content's bytes. */
    public byte[] content() {
        return frame.content();
    }

    /** The bytes and the header together. */
    public Frame frame() {
        return frame;
    }

    /** Whether the tutorial's programs would take the content for JSON. */
    public boolean isJson() {
        return header().contentType().equals(TEXT_JSON);
    }

    /** The error code of an error response; empty when the response is no error. */
    public Optional<String> status() {
        Object status = header().others().get(Header.STATUS);
        return status instanceof String text && !text.equals("ok") ? Optional.of(text) : Optional.empty();
    }

    /**
     * The content as text in the header's character set.
     *
     * @throws UncheckedIOException when the bytes are none in that character set
     */
    public String text() {
        try {
            return characterSet()
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UncheckedIOException("the content is not " + header().contentEncoding(), e);
        }
    }

    /** UTF-16 without a byte-order mark is read in the sender's order. */
    private Charset characterSet() {
        return switch (header().contentEncoding()) {
            case "us-ascii", "ascii" -> StandardCharsets.US_ASCII;
            case "iso-8859-1", "latin-1" -> StandardCharsets.ISO_8859_1;
            case "utf-16le" -> StandardCharsets.UTF_16LE;
            case "utf-16be" -> StandardCharsets.UTF_16BE;
            case "utf-16" -> utf16();
            default -> StandardCharsets.UTF_8;
        };
    }

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

    /** The content as JSON; null when it is none, or none in its character set. */
    public @Nullable JsonNode jsonOrNull() {
        try {
            JsonNode node = JSON.readTree(text());
            return node == null || node.isMissingNode() ? null : node;
        } catch (UncheckedIOException | JacksonException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return header().contentType() + ", " + content().length + " bytes";
    }
}
