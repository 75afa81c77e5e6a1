package dev.parley;

import dev.parley.frame.FlatObject;
import dev.parley.frame.JsonText;
import java.io.ByteArrayOutputStream;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes small records by hand: those whose components are texts, whole numbers and truth values, which is
 * what most questions and answers are. It never judges: whatever is unusual (a member missing, another type, an escape,
 * an annotation) is left to Jackson, which says what is wrong. What it reads and writes is what Jackson would. Any
 * thread.
 */
final class FlatRecords {
    private static final ClassValue<FlatRecords> OF_TYPE = new ClassValue<>() {
        @Override
        protected FlatRecords computeValue(Class<?> type) {
            return new FlatRecords(type);
        }
    };

    private static final byte[] NULL = ascii("null");
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    /** One component: its name, its type, and how to ask a record for it. */
    private static final class Part {
        final String name;
        final Class<?> type;
        final MethodHandle accessor;

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
                && (type == String.class || type == int.class || type == long.class || type == boolean.class);
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

    /** The record that this content is; null where only Jackson can tell. */
    static <T> @Nullable T readOrNull(Message message, Class<T> type) {
        FlatRecords records = OF_TYPE.get(type);
        MethodHandle made = records.constructor;
        FlatObject content = made == null ? null : message.flatOrNull();
        if (made == null || content == null) {
            return null;
        }
        var values = new Object[records.parts.length];
        for (int i = 0; i < values.length; i++) {
            Object value = valueOrNull(content, records.parts[i]);
            if (value == null) {
                return null;
            }
            values[i] = value;
        }
        try {
            return type.cast((Object) made.invokeExact(values));
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
        long number = content.number(part.name);
        if (number < 0 || part.type == int.class && number > Integer.MAX_VALUE) {
            return null;
        }
        return part.type == int.class ? (Object) (int) number : (Object) number;
    }

    /** The record as JSON in UTF-8; null where only Jackson can write it. */
    static byte @Nullable [] writeOrNull(Object value) {
        FlatRecords records = OF_TYPE.get(value.getClass());
        if (records.constructor == null) {
            return null;
        }
        var json = new ByteArrayOutputStream(96);
        for (Part part : records.parts) {
            byte[] text;
            try {
                text = textOrNull((Object) part.accessor.invokeExact(value));
            } catch (Throwable accessorThrew) {
                return null;
            }
            if (text == null) {
                return null;
            }
            json.writeBytes(part.before);
            json.writeBytes(text);
        }
        json.write('}');
        return json.toByteArray();
    }

    private static byte @Nullable [] textOrNull(@Nullable Object value) {
        return switch (value) {
            case null -> NULL;
            case Boolean truth -> truth ? TRUE : FALSE;
            case String text -> quotedOrNull(text);
            default -> ascii(value.toString());
        };
    }

    private static byte @Nullable [] quotedOrNull(String text) {
        int length = text.length();
        boolean isAscii = true;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                return null;
            }
            isAscii &= c < 0x80;
        }
        if (!isAscii && JsonText.hasHalfPair(text)) {
            return null;
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        var quoted = new byte[encoded.length + 2];
        quoted[0] = '"';
        System.arraycopy(encoded, 0, quoted, 1, encoded.length);
        quoted[quoted.length - 1] = '"';
        return quoted;
    }
}
