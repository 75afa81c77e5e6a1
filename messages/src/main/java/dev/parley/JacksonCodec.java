package dev.parley;

import dev.parley.frame.ErrorCode;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;

/**
 * A codec whose values Jackson reads and writes: as JSON by our own rules, as JSON by a mapper of the application, or
 * in another format. Any thread may use it.
 */
final class JacksonCodec<T> implements Codec<T>, Codecs.Own {
    private final Type type;
    private final @Nullable ObjectMapper mapper;
    private final String contentType;
    private final boolean isJson;

    /**
     * Makes a codec. If the mapper is null, values are JSON by our own rules.
     *
     * @throws IllegalArgumentException if the type is a class with type parameters, or has a type variable in it: their
     *     values would be read as maps, and fail far away
     */
    JacksonCodec(Type type, @Nullable ObjectMapper mapper, String contentType) {
        checkNoVariable(type, type);
        if (type instanceof Class<?> raw && raw.getTypeParameters().length > 0) {
            String name = raw.getSimpleName();
            String parameters = String.join(", ", Collections.nCopies(raw.getTypeParameters().length, "…"));
            throw new IllegalArgumentException(
                    "the class " + name + " does not say its type parameters; write Codec.of(new TypeReference<" + name
                            + "<" + parameters + ">>() {}), and a Codec for the other side too");
        }
        this.type = type;
        this.mapper = mapper;
        this.contentType = contentType;
        this.isJson = contentType.equals(Message.TEXT_JSON);
    }

    /** Throws if a type variable, such as {@code T}, is in the type: the compiler erases what it stands for. */
    private static void checkNoVariable(Type part, Type whole) {
        switch (part) {
            case TypeVariable<?> variable ->
                throw new IllegalArgumentException("the codec of " + whole.getTypeName() + " does not know what "
                        + variable.getName()
                        + " stands for; let the caller of the method pass the type as a whole, as a"
                        + " TypeReference<Page<Item>> for example");
            case ParameterizedType generic -> {
                for (Type argument : generic.getActualTypeArguments()) {
                    checkNoVariable(argument, whole);
                }
            }
            case GenericArrayType array -> checkNoVariable(array.getGenericComponentType(), whole);
            case WildcardType wildcard -> {
                for (Type bound : wildcard.getUpperBounds()) {
                    checkNoVariable(bound, whole);
                }
            }
            default -> {}
        }
    }

    @Override
    public Message write(T value) {
        ObjectMapper other = mapper;
        if (value instanceof Message message) {
            return message; // such as a ready message where the type is Object
        }
        if (other == null) {
            return type instanceof Class<?> ? Message.ofValue(value) : Message.json(JsonContent.write(value, type));
        }
        OpenPackages.toJackson(type);
        try {
            byte[] bytes = other.writerFor(javaType(other)).writeValueAsBytes(value);
            return isJson ? Message.json(bytes) : Message.binary(contentType, bytes);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(JsonContent.whyNotWritten(type, e), e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // what was read by a type is of that type
    public T read(Message message) {
        ObjectMapper other = mapper;
        if (other == null) {
            return type instanceof Class<?> found ? message.as((Class<T>) found) : (T) message.as(type);
        }
        if (isJson ? !message.isJson() : !message.header().contentType().equals(contentType)) {
            throw new ContentException(
                    ErrorCode.UNSUPPORTED_TYPE,
                    "the content must have the content-type " + contentType + " here",
                    null);
        }
        byte[] bytes = isJson ? message.scan(CountedTypes.isCounted(type)).json() : message.content();
        OpenPackages.toJackson(type);
        try {
            T value = other.readerFor(javaType(other)).readValue(bytes);
            if (value == null) {
                throw ContentException.bad("the content does not fit: null is not allowed", null);
            }
            return value;
        } catch (JacksonException e) {
            throw isJson
                    ? JsonContent.notRead(type, e, BindingErrorText.of(e, bytes, other))
                    : JsonContent.notRead(type, e, BindingErrorText.ofBinary(e, other, contentType));
        }
    }

    private JavaType javaType(ObjectMapper by) {
        return by.constructType(type); // the mapper keeps it
    }

    /** Returns the mapper that reads and writes the values. */
    ObjectMapper mapper() {
        return mapper == null ? JsonMappers.STRICT : mapper;
    }

    /** Returns the type of the values. */
    Type type() {
        return type;
    }

    @Override
    public String toString() {
        return TypeName.of(type);
    }
}
