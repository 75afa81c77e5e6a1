package dev.parley;

import dev.parley.json.JsonCursor;
import dev.parley.json.JsonOutput;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The form of a {@link List} in JSON: an array. All elements have the same shape, and none is null. */
record ListShape(JsonShape elements) implements JsonShape {
    static @Nullable ListShape ofOrNull(AnnotatedParameterizedType declared, Set<Class<?>> inside) {
        boolean isList = declared.getType() instanceof ParameterizedType type && type.getRawType() == List.class;
        JsonShape elements = isList ? JsonShape.ofOrNull(declared.getAnnotatedActualTypeArguments()[0], inside) : null;
        return elements == null ? null : new ListShape(elements);
    }

    @Override
    public @Nullable List<Object> readOrNull(JsonCursor json) {
        if (json.first() != '[') {
            return null;
        }
        var list = new ArrayList<Object>();
        for (boolean isMore = json.enter(); isMore; isMore = json.next()) {
            Object element = elements.readOrNull(json);
            if (element == null) {
                return null;
            }
            list.add(element);
        }
        return list;
    }

    @Override
    public boolean write(@Nullable Object value, JsonOutput json) {
        if (!(value instanceof List<?> list)) {
            return value == null && ScalarShape.writeNull(json);
        }
        char before = '[';
        for (Object element : list) {
            json.put(before);
            before = ',';
            if (!elements.write(element, json)) {
                return false;
            }
        }
        if (before == '[') {
            json.put(before);
        }
        json.put(']');
        return true;
    }
}
