package dev.parley;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Opens the packages of questions and answers in named modules to Jackson. An application only declares {@code opens …
 * to dev.parley} for these packages, and need not know Jackson: if a package is open to Parley, Parley opens it to
 * Jackson ({@link Module#addOpens}).
 *
 * <p>Any thread may use it.
 */
final class OpenPackages {
    private static final Module US = OpenPackages.class.getModule();
    private static final Module JACKSON = JsonMapper.class.getModule();

    private static final ClassValue<OpenPackages> OF_TYPE = new ClassValue<>() {
        @Override
        protected OpenPackages computeValue(Class<?> type) {
            return new OpenPackages(type);
        }
    };

    /** The generic types that codecs use: a few constants of the application. */
    private static final Map<Type, OpenPackages> OF_GENERIC_TYPE = new ConcurrentHashMap<>();

    private final Set<Class<?>> seen = new HashSet<>();
    private final Set<Class<?>> closed = new HashSet<>();

    private OpenPackages(Type type) {
        open(type);
    }

    private static OpenPackages of(Type type) {
        return type instanceof Class<?> found
                ? OF_TYPE.get(found)
                : OF_GENERIC_TYPE.computeIfAbsent(type, OpenPackages::new);
    }

    /** Opens the packages of this type and of its components to Jackson, if they are open to us. */
    static void toJackson(Type type) {
        var _ = of(type);
    }

    /**
     * Returns a sentence that says which {@code opens} an application's module lacks for values of this type, if this
     * is why Jackson failed. Returns null if Jackson failed for another reason.
     */
    static @Nullable String missingFor(Type type, Throwable failure) {
        Set<Class<?>> closed = of(type).closed;
        if (closed.isEmpty() || !isOfAccess(failure)) {
            return null;
        }
        String missing = closed.stream()
                .map(each -> "module-info.java of " + each.getModule().getName() + " must say 'opens "
                        + each.getPackageName() + " to " + US.getName() + ";'")
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return "a value of the type " + TypeName.of(type) + " cannot be read or written: " + missing;
    }

    private static boolean isOfAccess(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalAccessException || cause instanceof InaccessibleObjectException) {
                return true;
            }
        }
        return false;
    }

    private void open(Type type) {
        switch (type) {
            case Class<?> found -> open(found);
            case ParameterizedType found -> {
                open(found.getRawType());
                openAll(found.getActualTypeArguments());
            }
            case GenericArrayType found -> open(found.getGenericComponentType());
            case WildcardType found -> openAll(found.getUpperBounds());
            default -> {} // a type variable; its actual type is opened where the type is used
        }
    }

    private void openAll(Type[] types) {
        for (Type each : types) {
            open(each);
        }
    }

    private void open(Class<?> type) {
        if (type.isArray()) {
            open(type.getComponentType());
        } else if (!type.isPrimitive() && isOfApplication(type.getModule()) && seen.add(type)) {
            openPackage(type);
            if (type.isRecord()) {
                for (RecordComponent component : type.getRecordComponents()) {
                    open(component.getGenericType());
                }
            }
        }
    }

    private static boolean isOfApplication(Module module) {
        return module.isNamed() && module.getLayer() != null && !isOfJdk(module) && module != JACKSON && module != US;
    }

    private static boolean isOfJdk(Module module) {
        return module.getName().startsWith("java.") || module.getName().startsWith("jdk.");
    }

    private void openPackage(Class<?> type) {
        Module module = type.getModule();
        String name = type.getPackageName();
        if (module.isOpen(name, US)) {
            module.addOpens(name, JACKSON);
        } else if (!module.isOpen(name, JACKSON)) {
            closed.add(type);
        }
    }
}
