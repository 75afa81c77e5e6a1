package dev.parley;

import dev.parley.json.JsonCursor;
import dev.parley.json.JsonOutput;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The form in JSON of the values of a Java type, for the types that most questions and answers consist of: texts,
 * bytes, numbers, truth values, lists, and records of these. A shape reads and writes what Jackson would, but without
 * Jackson's events. It never reports errors: anything unusual is left to Jackson, which says what is wrong. Any thread
 * may use it.
 */
sealed interface JsonShape permits ScalarShape, ListShape, RecordShape {
    /**
     * Reads the value at the cursor, and moves past it.
     *
     * @return the value, or null if only Jackson can read it; then the cursor cannot be used any more
     */
    @Nullable
    Object readOrNull(JsonCursor json);

    /**
     * Writes a value, which may be null.
     *
     * @return false if only Jackson can write it; then the output cannot be used any more
     */
    boolean write(@Nullable Object value, JsonOutput json);

    /**
     * Returns the shape of a type as it is declared; null if it has none. A type with an annotation, such as one that
     * allows null, has none, since that is an instruction to Jackson.
     *
     * @param inside the records in which it is declared: a type that contains itself has no shape
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
