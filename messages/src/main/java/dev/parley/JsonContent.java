package dev.parley;

import dev.parley.json.JsonScan;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidDefinitionException;

/** Reads and writes content as JSON with Jackson, as strictly as the protocol requires. Any thread may use it. */
final class JsonContent {
    private static final int PATH_STEPS_MAX = 16;

    private JsonContent() {}

    static byte[] write(@Nullable Object value) {
        return write(value, value == null ? Void.class : value.getClass());
    }

    /**
     * Writes a value as this type. The declared type decides whether Jackson adds the name of the value's own class to
     * the JSON.
     */
    static byte[] write(@Nullable Object value, Type type) {
        OpenPackages.toJackson(type);
        var json = new ByteArrayOutputStream();
        try (JsonGenerator generator = new StrictGenerator(JsonMappers.STRICT.createGenerator(json))) {
            if (type instanceof Class<?>) {
                JsonMappers.STRICT.writeValue(generator, value);
            } else {
                JsonMappers.STRICT
                        .writerFor(JsonMappers.STRICT.constructType(type))
                        .writeValue(generator, value);
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    value == null ? "null cannot be JSON: " + e.getOriginalMessage() : whyNotWritten(type, e), e);
        }
        return json.toByteArray();
    }

    static String whyNotWritten(Type type, JacksonException e) {
        String missing = OpenPackages.missingFor(type, e);
        if (missing != null) {
            return missing;
        }
        boolean isShort = e.getPath().size() <= PATH_STEPS_MAX; // a value that contains itself has a long path
        String path = isShort ? BindingErrorText.path(e.getPath()) : "";
        return "a value of the type " + TypeName.of(type) + " cannot be JSON: " + (path.isEmpty() ? "" : path + ": ")
                + e.getOriginalMessage();
    }

    static JsonNode read(Message message) {
        byte[] json = message.scan(true).json();
        try (JsonParser parser = parser(json)) {
            return JsonMappers.STRICT.readValue(parser, JsonNode.class);
        } catch (JacksonException e) {
            throw ContentException.bad(BindingErrorText.of(e, json, JsonMappers.STRICT), e);
        }
    }

    @SuppressWarnings("unchecked") // what was read by a type is of that type
    static <T> T bind(Message message, Class<T> type) {
        T read = RecordShape.readOrNull(message, type);
        if (read != null) {
            return read;
        }
        JsonScan scan = message.scan(CountedTypes.isCounted(type));
        read = RecordShape.readOrNull(scan, type);
        if (read != null) {
            return read;
        }
        return (T)
                bindByJackson(scan.json(), type); // unlike type.cast, this cast accepts an Integer if the type is int
    }

    /** Reads the content as a type that has type parameters. */
    static Object bind(Message message, Type type) {
        return bindByJackson(message.scan(true).json(), type);
    }

    private static Object bindByJackson(byte[] json, Type type) {
        OpenPackages.toJackson(type);
        try (JsonParser parser = parser(json)) {
            Object value = JsonMappers.STRICT.readValue(parser, JsonMappers.STRICT.constructType(type));
            if (value == null) {
                throw ContentException.bad("the content does not fit: null is not allowed", null);
            }
            return value;
        } catch (JacksonException e) {
            throw notRead(type, e, BindingErrorText.of(e, json, JsonMappers.STRICT));
        }
    }

    /**
     * Returns the exception for content that Jackson could not read. If the type itself is at fault, this is not an
     * error of the peer.
     *
     * @param text says what is wrong with the content, if it is the content that is wrong
     */
    static RuntimeException notRead(Type type, JacksonException e, String text) {
        String missing = OpenPackages.missingFor(type, e);
        if (missing != null) {
            return new IllegalStateException(missing, e);
        }
        if (e instanceof InvalidDefinitionException) {
            return new IllegalStateException(
                    "the type " + TypeName.of(type) + " cannot be read from content: " + e.getOriginalMessage(), e);
        }
        return ContentException.bad(text, e);
    }

    private static JsonParser parser(byte[] json) {
        return new ExactNumbers(JsonMappers.STRICT.createParser(json));
    }
}
