package dev.parley;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The names of types in error messages. */
final class TypeName {
    private TypeName() {}

    /** Returns the name of a type as it is written in a program, without packages. */
    static String of(Type type) {
        return switch (type) {
            case Class<?> found -> found.getSimpleName();
            case ParameterizedType found ->
                of(found.getRawType()) + "<"
                        + Arrays.stream(found.getActualTypeArguments())
                                .map(TypeName::of)
                                .collect(Collectors.joining(", "))
                        + ">";
            default -> type.getTypeName();
        };
    }
}
