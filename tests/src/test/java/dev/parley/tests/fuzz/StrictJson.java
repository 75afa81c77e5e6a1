package dev.parley.tests.fuzz;

import dev.parley.frame.Header.JsonNull;
import dev.parley.frame.Header.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** JSON as Jackson reads it at its strictest, in the types of a header: the judge of our own parsers. */
final class StrictJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private StrictJson() {}

    /** Returns the one object that these bytes must be. */
    static Map<String, Object> object(byte[] bytes) {
        Map<String, Object> object = objectOrNull(bytes);
        if (object == null) {
            throw new AssertionError("to Jackson it is not an object: " + SeedText.line(bytes));
        }
        return object;
    }

    /** Returns the one object that these bytes are, in the order of its members; null if they are not an object. */
    static @Nullable Map<String, Object> objectOrNull(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    return null;
                }
                Map<String, Object> object = object(parser);
                return parser.nextToken() == null ? object : null;
            }
        } catch (CharacterCodingException | JacksonException notStrict) {
            return null;
        }
    }

    private static Map<String, Object> object(JsonParser parser) {
        var members = new LinkedHashMap<String, Object>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    private static List<Object> array(JsonParser parser) {
        var items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items;
    }

    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> JsonNull.NULL;
            default -> throw new AssertionError("a value begins with " + parser.currentToken());
        };
    }
}
