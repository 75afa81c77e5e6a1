package dev.parley;

import dev.parley.json.JsonCursor;
import dev.parley.json.JsonOutput;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form in JSON of the values of a Java type, for the types that most questions and answers consist of: texts,
 * bytes, numbers, truth values, lists, and records of these. A shape reads and writes the same JSON as Jackson, but
 * faster, since it does without Jackson's events. A shape never reports errors: it leaves anything unusual to Jackson,
 * and Jackson then reports what is wrong. Any thread may use it.
 */
sealed interface JsonShape permits ScalarShape, ListShape, RecordShape {
    /**
     * Reads the value at the cursor, and moves past it.
     *
     * @return the value, or null if only Jackson can read the value; then the cursor must not be used any more
     */
    @Nullable
    Object readOrNull(JsonCursor json);

    /**
     * Writes a value. The value may be null.
     *
     * @return false if only Jackson can write the value; then the output must not be used any more
     */
    boolean write(@Nullable Object value, JsonOutput json);

    /**
     * Returns the shape of a type as it is declared, or null if the type has no shape. A type with an annotation, such
     * as {@code Nullable}, has no shape, since an annotation may be an instruction to Jackson.
     *
     * @param inside the records that contain this declaration; they are needed because a record that contains itself
     *     has no shape
     */
    static @Nullable JsonShape ofOrNull(AnnotatedType declared, Set<Class<?>> inside) {
        if (declared.getAnnotations().length > 0) {
            return null;
        }
        if (declared.getType() instanceof Class<?> type) {
            ScalarShape scalar = ScalarShape.ofOrNull(type);
            return scalar == null ? RecordShape.nestedOrNull(type, inside) : scalar;
        }
        return declared instanceof AnnotatedParameterizedType generic ? ListShape.ofOrNull(generic, inside) : null;
    }
}
