package dev.parley;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names of types in error messages. */
final class TypeName {
    private TypeName() {}

    /** Returns the name of a type as it is written in a program, without packages. */
    static String of(Type type) {
        return of(type, Class::getSimpleName);
    }

    /** Returns the name of a type, with these names of its classes. The function is not called for arrays. */
    static String of(Type type, Function<Class<?>, String> names) {
        return switch (type) {
            case Class<?> found when found.isArray() -> of(found.getComponentType(), names) + "[]";
            case Class<?> found -> names.apply(found);
            case ParameterizedType found ->
                of(found.getRawType(), names) + "<"
                        + Arrays.stream(found.getActualTypeArguments())
                                .map(argument -> of(argument, names))
                                .collect(Collectors.joining(", "))
                        + ">";
            default -> type.getTypeName();
        };
    }
}
