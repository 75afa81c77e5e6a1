package dev.parley;

import dev.parley.frame.FlatObject;
import dev.parley.frame.JoinedBytes;
import dev.parley.frame.JsonScan;
import dev.parley.frame.JsonText;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes flat records by hand: those whose components are texts, bytes, numbers and truth values, which is
 * what most questions and answers are. It never judges: whatever is unusual (a member missing, another type, an
 * annotation) is left to Jackson, which says what is wrong. What it reads and writes is what Jackson would. Any thread.
 */
final class FlatRecords {
    private static final ClassValue<FlatRecords> OF_TYPE = new ClassValue<>() {
        @Override
        protected FlatRecords computeValue(Class<?> type) {
            return new FlatRecords(type);
        }
    };

    private static final byte[] QUOTE = ascii("\"");
    private static final byte[] END = ascii("}");
    private static final byte[] NOTHING = {};
    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    /** One component: its name, its type, and how to ask a record for it. */
    private static final class Part {
        final String name;
        final Class<?> type;
        final MethodHandle accessor;

        /** How many pieces it is written in. */
        static final int PIECES = 4;

        /** What stands before its value. */
        final byte[] before;

        Part(RecordComponent component, boolean first) throws IllegalAccessException {
            name = component.getName();
            type = component.getType();
            component.getAccessor().setAccessible(true);
            accessor = MethodHandles.lookup()
                    .unreflect(component.getAccessor())
                    .asType(MethodType.methodType(Object.class, Object.class));
            before = ascii((first ? "{\"" : ",\"") + name + "\":");
        }
    }

    private final Part[] parts;
    private final @Nullable MethodHandle constructor;

    private FlatRecords(Class<?> type) {
        Part[] found = new Part[0];
        MethodHandle made = null;
        if (type.isRecord() && isPlain(type)) {
            try {
                found = partsOf(type);
                made = constructorOf(type);
            } catch (IllegalAccessException | RuntimeException notOpenToUs) {
                made = null; // Jackson may be let in where we are not, or says why it is not
            }
        }
        parts = found;
        constructor = made;
    }

    /** Annotations, but those that say what may be null, are instructions to Jackson. */
    private static boolean isPlain(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Stream<AnnotatedElement> elements = Stream.of(
                        Stream.of(type),
                        Arrays.stream(type.getDeclaredConstructors()),
                        Arrays.stream(type.getDeclaredMethods()),
                        Arrays.stream(type.getDeclaredFields()),
                        Arrays.stream(components))
                .flatMap(each -> each);
        return components.length > 0
                && elements.allMatch(element -> element.getAnnotations().length == 0)
                && Arrays.stream(components).allMatch(FlatRecords::isSimple);
    }

    private static boolean isSimple(RecordComponent component) {
        Class<?> type = component.getType();
        Annotation[] ofType = component.getAnnotatedType().getAnnotations();
        return ofType.length == 0
                && component.getName().chars().allMatch(c -> c > ' ' && c < 0x7f)
                && (type == String.class
                        || type == byte[].class
                        || type == int.class
                        || type == long.class
                        || type == double.class
                        || type == boolean.class);
    }

    private static Part[] partsOf(Class<?> type) throws IllegalAccessException {
        RecordComponent[] components = type.getRecordComponents();
        var parts = new Part[components.length];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new Part(components[i], i == 0);
        }
        return parts;
    }

    private static MethodHandle constructorOf(Class<?> type) throws IllegalAccessException {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        Constructor<?> canonical;
        try {
            canonical = type.getDeclaredConstructor(types);
        } catch (NoSuchMethodException impossible) {
            throw new IllegalStateException(impossible);
        }
        canonical.setAccessible(true);
        return MethodHandles.lookup()
                .unreflectConstructor(canonical)
                .asSpreader(Object[].class, types.length)
                .asType(MethodType.methodType(Object.class, Object[].class));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The record that a small content is; null where only a scan or Jackson can tell. */
    static <T> @Nullable T readOrNull(Message message, Class<T> type) {
        FlatRecords records = OF_TYPE.get(type);
        FlatObject content = records.constructor == null ? null : message.flatOrNull();
        return content == null ? null : records.madeOrNull(type, part -> valueOrNull(content, part));
    }

    /** The record that a content is which was scanned; null where only Jackson can tell. */
    static <T> @Nullable T readOrNull(JsonScan content, Class<T> type) {
        FlatRecords records = OF_TYPE.get(type);
        return records.constructor == null ? null : records.madeOrNull(type, part -> valueOrNull(content, part));
    }

    private interface Source {
        @Nullable
        Object valueOrNull(Part part);
    }

    private <T> @Nullable T madeOrNull(Class<T> type, Source source) {
        var values = new Object[parts.length];
        for (int i = 0; i < values.length; i++) {
            Object value = source.valueOrNull(parts[i]);
            if (value == null) {
                return null;
            }
            values[i] = value;
        }
        try {
            return type.cast((Object) Objects.requireNonNull(constructor).invokeExact(values));
        } catch (Throwable refused) {
            return null; // the record's own check: Jackson meets it too, and says so as for any other record
        }
    }

    private static @Nullable Object valueOrNull(FlatObject content, Part part) {
        if (part.type == String.class) {
            return content.text(part.name);
        }
        if (part.type == boolean.class) {
            return content.truthOrNull(part.name);
        }
        if (part.type != int.class && part.type != long.class) {
            return null;
        }
        long number = content.number(part.name);
        if (number < 0 || part.type == int.class && number > Integer.MAX_VALUE) {
            return null;
        }
        return part.type == int.class ? (Object) (int) number : (Object) number;
    }

    private static @Nullable Object valueOrNull(JsonScan content, Part part) {
        if (part.type == String.class) {
            return content.text(part.name);
        }
        if (part.type == byte[].class) {
            return content.base64OrNull(part.name);
        }
        if (part.type == boolean.class) {
            return content.truthOrNull(part.name);
        }
        if (part.type == double.class) {
            return content.fractionOrNull(part.name);
        }
        Long whole = content.wholeOrNull(part.name);
        if (whole == null || part.type == long.class) {
            return whole;
        }
        return whole == whole.intValue() ? (Object) whole.intValue() : null;
    }

    /** The record as JSON in UTF-8; null where only Jackson can write it. */
    static @Nullable JoinedBytes writeOrNull(Object value) {
        FlatRecords records = OF_TYPE.get(value.getClass());
        return records.constructor == null ? null : records.joinedOrNull(value);
    }

    private @Nullable JoinedBytes joinedOrNull(Object value) {
        var pieces = new byte[parts.length * Part.PIECES + 1][];
        int count = 0;
        for (Part part : parts) {
            Object component;
            try {
                component = (Object) part.accessor.invokeExact(value);
            } catch (Throwable accessorThrew) {
                return null;
            }
            byte[] written = writtenOrNull(component);
            if (written == null) {
                return null;
            }
            boolean isQuoted = component instanceof String || component instanceof byte[];
            pieces[count++] = part.before;
            pieces[count++] = isQuoted ? QUOTE : NOTHING;
            pieces[count++] = written;
            pieces[count++] = isQuoted ? QUOTE : NOTHING;
        }
        pieces[count] = END;
        return JoinedBytes.of(pieces);
    }

    /** What stands for it, in the quotes if it has some. */
    private static byte @Nullable [] writtenOrNull(@Nullable Object value) {
        return switch (value) {
            case null -> NULL;
            case Boolean truth -> truth ? TRUE : FALSE;
            case String text -> JsonText.escapedUtf8OrNull(text);
            case byte[] bytes -> Base64.getEncoder().encode(bytes);
            case Double number -> Double.isFinite(number) ? ascii(number.toString()) : null;
            default -> ascii(value.toString());
        };
    }
}
