package dev.parley;

import dev.parley.json.JsonScan;
import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/** Reads and writes content as JSON with Jackson, as strictly as the protocol requires. Any thread may use it. */
final class JsonContent {
    private static final int PATH_STEPS_MAX = 16;

    private JsonContent() {}

    static byte[] write(@Nullable Object value) {
        if (value != null) {
            OpenPackages.toJackson(value.getClass());
        }
        var json = new ByteArrayOutputStream();
        try (JsonGenerator generator = new StrictGenerator(JsonMappers.STRICT.createGenerator(json))) {
            JsonMappers.STRICT.writeValue(generator, value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(whyNot(value, e), e);
        }
        return json.toByteArray();
    }

    private static String whyNot(@Nullable Object value, JacksonException e) {
        if (value == null) {
            return "null cannot be JSON: " + e.getOriginalMessage();
        }
        String missing = OpenPackages.missingFor(value.getClass(), e);
        if (missing != null) {
            return missing;
        }
        boolean isShort = e.getPath().size() <= PATH_STEPS_MAX; // a value that contains itself has a long path
        String path = isShort ? BindingErrorText.path(e.getPath()) : "";
        return "a value of the type " + value.getClass().getSimpleName() + " cannot be JSON: "
                + (path.isEmpty() ? "" : path + ": ") + e.getOriginalMessage();
    }

    static JsonNode read(Message message) {
        byte[] json = message.scan(true).json();
        try (JsonParser parser = parser(json)) {
            return JsonMappers.STRICT.readValue(parser, JsonNode.class);
        } catch (JacksonException e) {
            throw ContentException.bad(BindingErrorText.of(e, json), e);
        }
    }

    static <T> T bind(Message message, Class<T> type) {
        T read = RecordShape.readOrNull(message, type);
        if (read != null) {
            return read;
        }
        JsonScan scan = message.scan(becomesTree(type));
        read = RecordShape.readOrNull(scan, type);
        if (read != null) {
            return read;
        }
        OpenPackages.toJackson(type);
        byte[] json = scan.json();
        try (JsonParser parser = parser(json)) {
            T value = JsonMappers.STRICT.readValue(parser, type);
            if (value == null) {
                throw ContentException.bad("the content does not fit: null is not allowed", null);
            }
            return value;
        } catch (JacksonException e) {
            String missing = OpenPackages.missingFor(type, e);
            if (missing != null) {
                throw new IllegalStateException(missing, e);
            }
            throw ContentException.bad(BindingErrorText.of(e, json), e);
        }
    }

    private static boolean becomesTree(Class<?> type) {
        return type == Object.class
                || JsonNode.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type)
                || Collection.class.isAssignableFrom(type);
    }

    private static JsonParser parser(byte[] json) {
        return new ExactNumbers(JsonMappers.STRICT.createParser(json));
    }
}
