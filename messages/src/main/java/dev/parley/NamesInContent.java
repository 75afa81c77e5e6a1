package dev.parley;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.introspect.ClassIntrospector;

/**
 * The names of components and constants as a mapper reads and writes them: annotations and naming strategies may change
 * those of the program. If the mapper cannot say, such as for a type that is not open to it, they are those of the
 * program. Any thread may use it.
 */
final class NamesInContent {
    private NamesInContent() {}

    /** Returns the names of a record's components by the names that they have in the program, in their order. */
    static Map<String, String> ofComponents(Class<?> type, ObjectMapper mapper) {
        var names = new LinkedHashMap<String, String>();
        for (RecordComponent component : type.getRecordComponents()) {
            names.put(component.getName(), component.getName());
        }
        OpenPackages.toJackson(type);
        try {
            var config = mapper.deserializationConfig();
            ClassIntrospector introspector = config.classIntrospectorInstance().forOperation(config);
            JavaType known = mapper.constructType(type);
            introspector
                    .introspectForDeserialization(known, introspector.introspectClassAnnotations(known))
                    .findProperties()
                    .forEach(property -> put(names, property));
        } catch (RuntimeException notDescribed) {
            return names;
        }
        return names;
    }

    private static void put(Map<String, String> names, BeanPropertyDefinition property) {
        names.computeIfPresent(property.getInternalName(), (component, before) -> property.getName());
    }

    /** Returns the names of an enum's first constants, at most so many, in their order. Each name takes some time. */
    static List<String> ofConstants(Class<?> type, ObjectMapper mapper, int most) {
        OpenPackages.toJackson(type);
        return Arrays.stream(type.getEnumConstants())
                .limit(most)
                .map(constant -> ofConstant((Enum<?>) constant, mapper))
                .toList();
    }

    private static String ofConstant(Enum<?> constant, ObjectMapper mapper) {
        JsonNode written = writtenOrNull(constant, mapper);
        return written == null || !written.isValueNode() ? constant.name() : written.asString();
    }

    private static @Nullable JsonNode writtenOrNull(Enum<?> constant, ObjectMapper mapper) {
        try {
            return mapper.valueToTree(constant);
        } catch (JacksonException | IllegalArgumentException notWritten) {
            return null;
        }
    }
}
