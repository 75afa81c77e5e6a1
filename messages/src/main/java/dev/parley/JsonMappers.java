package dev.parley;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The one mapper of content: no duplicate keys, nothing after the value, unknown members ignored. */
final class JsonMappers {
    static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private JsonMappers() {}

    /** Names of a record's own; a key of the peer's, as of a map, is not repeated. */
    private static String shown(JacksonException.Reference step) {
        String name = step.getPropertyName();
        if (name == null) {
            return "[" + step.getIndex() + "]";
        }
        return name.matches("[A-Za-z0-9_]{1,64}") ? name : "?";
    }

    /** What did not fit, in our words: Jackson's own message quotes the peer. */
    static String why(JacksonException e, Class<?> type) {
        if (!(e instanceof DatabindException) || e.getPath().isEmpty()) {
            return e instanceof DatabindException
                    ? "the content does not fit " + type.getSimpleName()
                    : "the content is not one JSON value";
        }
        String field = e.getPath().stream().map(JsonMappers::shown).collect(Collectors.joining("."));
        return "the content does not fit " + type.getSimpleName() + ": field '" + field + "' has a wrong type or value";
    }
}
