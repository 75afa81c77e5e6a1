package dev.parley;

import dev.parley.frame.JsonCursor;
import dev.parley.frame.JsonOutput;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a Java type stand in JSON, for the types that most questions and answers are made of: texts, bytes,
 * numbers, truth values, lists, and records of these. A shape reads and writes what Jackson would, without its way by
 * events. It never judges: whatever is unusual is left to Jackson, which says what is wrong. Any thread.
 */
sealed interface JsonShape permits ScalarShape, ListShape, RecordShape {
    /**
     * Reads the value that the cursor stands at, and goes past it.
     *
     * @return null if only Jackson can tell; then the cursor is of no more use
     */
    @Nullable
    Object readOrNull(JsonCursor json);

    /**
     * Writes a value, which may be null.
     *
     * @return false if only Jackson can; then what was written is of no more use
     */
    boolean write(@Nullable Object value, JsonOutput json);

    /**
     * The shape of a type as it is declared; null if it has none. An annotation, such as one that allows null, is an
     * instruction to Jackson.
     *
     * @param inside the records that it is declared in: a type that has itself inside has no shape
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
