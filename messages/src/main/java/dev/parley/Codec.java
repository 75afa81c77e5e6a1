package dev.parley;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the values of a type as messages, and reads them back. An {@link Action} has one codec for its questions and
 * one for its answers. The codecs that this interface makes write JSON, or any other format that Jackson writes; for a
 * format of your own, implement the two methods. Any thread may use a codec, many at once.
 *
 * {@snippet :
 * record Item(String name) {}
 * record Page<T>(List<T> items, int next) {}
 * Action<Void, Page<Item>> list = // no content in the question, a generic type in the answer
 *         Action.of("list", Codec.nothing(), Codec.of(new TypeReference<Page<Item>>() {}));
 * JsonMapper ours = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
 * Action<Item, Item> put = Action.of("put", Codec.of(Item.class, ours), Codec.of(Item.class, ours));
 * }
 *
 * <p>Error messages name a codec by its {@code toString}, which is best the name of its type.
 *
 * @param <T> the type of the values
 */
public interface Codec<T extends @Nullable Object> {
    /**
     * Writes a value. It is called on the thread that sends the value; for a handler on a loop, this is the loop's
     * thread.
     *
     * @param value the value, which may be shared with other threads
     * @return the message, never null; in a stream, a message without content has another content type than {@code
     *     application/octet-stream}, which would only open or end the stream
     * @throws Exception if the value cannot be written. In a client, the call throws an {@link
     *     IllegalArgumentException} with this cause; in a server, the response is {@code internal}, and the exception
     *     is logged
     */
    Message write(T value) throws Exception;

    /**
     * Reads a value. It is called on the thread that receives the value; for large content, this is not the thread of a
     * loop.
     *
     * @param message the message that the peer has sent, which may have any content
     * @return the value, never null
     * @throws ContentException if the content is not what this codec reads; make one by {@link ContentException#of}
     * @throws Exception any other exception is taken for a {@code ContentException} without details
     */
    T read(Message message) throws Exception;

    /**
     * {@return the codec of a type, as JSON by the rules of docs/types.md} For {@link Message}, the codec passes each
     * message on unchanged; for {@link Void}, it is {@link #nothing}.
     *
     * @param <T> the type of the values
     * @param type a record or another type without type parameters
     * @throws IllegalArgumentException if the type has type parameters, which its class does not say
     */
    static <T> Codec<T> of(Class<T> type) {
        return Codecs.of(type);
    }

    /**
     * {@return the codec of a generic type, as JSON by the rules of docs/types.md}
     *
     * @param <T> the type of the values
     * @param type the type, such as {@code new TypeReference<List<Item>>() {}}, with the {@code TypeReference} of the
     *     package {@code tools.jackson.core.type}
     */
    static <T> Codec<T> of(TypeReference<T> type) {
        return new JacksonCodec<>(type.getType(), null, Message.TEXT_JSON);
    }

    /**
     * {@return the codec of a type, as JSON by a mapper of yours} The mapper decides how values become JSON, for
     * example by its modules or its naming strategy. Whether a component may be missing or converted is its decision
     * too. What arrives is checked before as all JSON is: one valid value without duplicate keys, within the server's
     * limits.
     *
     * @param <T> the type of the values
     * @param type a record or another type without type parameters
     * @param mapper the mapper
     */
    static <T> Codec<T> of(Class<T> type, JsonMapper mapper) {
        return new JacksonCodec<>(type, mapper, Message.TEXT_JSON);
    }

    /**
     * {@return the codec of a generic type, as JSON by a mapper of yours; see {@link #of(Class, JsonMapper)}}
     *
     * @param <T> the type of the values
     * @param type the type, such as {@code new TypeReference<List<Item>>() {}}
     * @param mapper the mapper
     */
    static <T> Codec<T> of(TypeReference<T> type, JsonMapper mapper) {
        return new JacksonCodec<>(type.getType(), mapper, Message.TEXT_JSON);
    }

    /**
     * {@return the codec of a type in another format, by a mapper of Jackson for this format} For example, {@code new
     * CBORMapper()} of jackson-dataformat-cbor with the content type {@code application/cbor}.
     *
     * <p>For no content at all, use {@link #nothing}. The content type is compared as it is written, letter by letter.
     * The rules of docs/types.md do not hold here: the mapper decides, and by default a component that is missing is
     * null. Check it in the record's constructor, or by the mapper's settings.
     *
     * @param <T> the type of the values
     * @param type the type, such as {@code new TypeReference<Item>() {}}
     * @param mapper the mapper of the format
     * @param contentType the content type of the messages; a message with another one is refused with {@code
     *     unsupported-type}
     * @throws IllegalArgumentException if the content type is empty, has control characters, or stands for JSON
     */
    static <T> Codec<T> binary(TypeReference<T> type, ObjectMapper mapper, String contentType) {
        return new JacksonCodec<>(type.getType(), mapper, Codecs.checkedBinary(contentType));
    }

    /**
     * {@return the codec of a type in another format; see {@link #binary(TypeReference, ObjectMapper, String)}}
     *
     * @param <T> the type of the values
     * @param type a record or another type without type parameters
     * @param mapper the mapper
     * @param contentType as for a generic type
     * @throws IllegalArgumentException if the type has type parameters, or the content type is not allowed
     */
    static <T> Codec<T> binary(Class<T> type, ObjectMapper mapper, String contentType) {
        return new JacksonCodec<>(type, mapper, Codecs.checkedBinary(contentType));
    }

    /**
     * {@return the codec for no content} Its only value is null. It writes an empty message. It reads an empty message,
     * and for peers that always send JSON also {@code null} and an object, whose members are ignored.
     */
    static Codec<@Nullable Void> nothing() {
        return Codecs.NOTHING;
    }
}
