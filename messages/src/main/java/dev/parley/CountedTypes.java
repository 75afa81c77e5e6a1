package dev.parley;

import java.io.Serializable;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Decides for which types the values of a content are counted, and limited by {@link JsonLimits#valuesMax}, before they
 * are read. These are the types in which the peer chooses what objects there are: trees, maps, untyped lists, and
 * everything that contains such a part.
 */
final class CountedTypes {
    /** The types that Jackson reads as any JSON. */
    private static final Set<Class<?>> UNTYPED = Set.of(Object.class, Serializable.class);

    private static final ClassValue<Boolean> OF_CLASS = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isCounted(type, new HashSet<>());
        }
    };

    private CountedTypes() {}

    /** Returns true if the values of the content of a message are counted. Generic types always are. */
    static boolean isCounted(Type type) {
        return !(type instanceof Class<?> known) || OF_CLASS.get(known);
    }

    private static boolean isCounted(Type type, Set<Type> seen) {
        if (!seen.add(type)) {
            return false;
        }
        return switch (type) {
            case Class<?> known when known.isArray() -> isCounted(known.getComponentType(), seen);
            case Class<?> known when known.isRecord() -> hasCounted(known, seen);
            case Class<?> known -> mayBeAnything(known);
            case GenericArrayType array -> isCounted(array.getGenericComponentType(), seen);
            case ParameterizedType generic -> isCountedGeneric(generic, seen);
            default -> true; // a type variable or a wildcard
        };
    }

    private static boolean hasCounted(Class<?> type, Set<Type> seen) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (isCounted(component.getGenericType(), seen)) {
                return true;
            }
        }
        return false;
    }

    /** Returns true for a class whose values are a tree, a map or an untyped list, or have members that may be. */
    private static boolean mayBeAnything(Class<?> type) {
        boolean isScalar = type.isPrimitive() || type.isEnum() || isOfJdk(type);
        return !isScalar || UNTYPED.contains(type) || type.getTypeParameters().length > 0 || isContainer(type);
    }

    private static boolean isOfJdk(Class<?> type) {
        return type.getName().startsWith("java.");
    }

    private static boolean isContainer(Class<?> type) {
        return Map.class.isAssignableFrom(type) || Collection.class.isAssignableFrom(type);
    }

    private static boolean isCountedGeneric(ParameterizedType type, Set<Type> seen) {
        var raw = (Class<?>) type.getRawType();
        if (!isOfJdk(raw) || Map.class.isAssignableFrom(raw)) {
            return true;
        }
        for (Type argument : type.getActualTypeArguments()) { // such as those of a List or an Optional
            if (isCounted(argument, seen)) {
                return true;
            }
        }
        return false;
    }
}
