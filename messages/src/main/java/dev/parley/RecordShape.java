package dev.parley;

import dev.parley.json.FlatObject;
import dev.parley.json.JoinedBytes;
import dev.parley.json.JsonCursor;
import dev.parley.json.JsonOutput;
import dev.parley.json.JsonScan;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The form of a record in JSON: an object with a member for each component. A record has a shape only if all its
 * components have one. The members may be in any order, with unknown members between them, but reading is fastest if
 * they are in the order of the components. Any thread may use it.
 */
final class RecordShape implements JsonShape {
    private static final ClassValue<RecordShape> OF_TYPE = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type, Set.of());
        }
    };

    private static final Part[] NONE = {};
    private static final Pattern GETTER = Pattern.compile("(get|is).");

    /** One component: its name, its shape, and its accessor. */
    private static final class Part {
        final String name;
        final JsonShape shape;
        final MethodHandle accessor;

        /**
         * The bytes to write before the component's value: an opening brace or a comma, the quoted name, and a colon.
         */
        final byte[] before;

        final byte[] quotedName;

        Part(RecordComponent component, JsonShape shape, boolean isFirst) throws IllegalAccessException {
            this.name = component.getName();
            this.shape = shape;
            component.getAccessor().setAccessible(true);
            accessor = MethodHandles.lookup()
                    .unreflect(component.getAccessor())
                    .asType(MethodType.methodType(Object.class, Object.class));
            before = ascii((isFirst ? "{\"" : ",\"") + name + "\":");
            quotedName = ascii('"' + name + '"');
        }
    }

    private final Class<?> type;
    private final Part[] parts;

    /** The canonical constructor; null if the record has no shape. */
    private final @Nullable MethodHandle constructor;

    private RecordShape(Class<?> type, Set<Class<?>> inside) {
        Part[] found = NONE;
        MethodHandle made = null;
        if (type.isRecord() && !inside.contains(type) && isPlain(type)) {
            try {
                found = partsOf(type, inside);
                made = found.length == 0 ? null : constructorOf(type);
            } catch (IllegalAccessException | RuntimeException notOpenToUs) {
                made = null; // we leave the record to Jackson, which may have access to it, or reports why it has not
            }
        }
        this.type = type;
        parts = found;
        constructor = made;
    }

    /**
     * Returns the shape of a record that is the type of a component or element; null if the record has no shape. The
     * set {@code inside} has the records that contain it.
     */
    static @Nullable RecordShape nestedOrNull(Class<?> type, Set<Class<?>> inside) {
        var shape = new RecordShape(type, inside);
        return shape.constructor == null ? null : shape;
    }

    /**
     * Returns true if the type has neither annotations nor methods that are named like the getters of a bean.
     * Annotations are instructions to Jackson, and Jackson writes such getters as members.
     */
    private static boolean isPlain(Class<?> type) {
        Stream<AnnotatedElement> elements = Stream.of(
                        Stream.of(type),
                        Arrays.stream(type.getDeclaredConstructors()).flatMap(RecordShape::withParameters),
                        Arrays.stream(type.getDeclaredMethods()),
                        Arrays.stream(type.getDeclaredFields()),
                        Arrays.stream(type.getRecordComponents()),
                        ofInterfaces(type))
                .flatMap(each -> each);
        return elements.allMatch(element -> element.getAnnotations().length == 0)
                && Arrays.stream(type.getMethods()).noneMatch(method -> isOfBean(method, type));
    }

    private static Stream<AnnotatedElement> withParameters(Constructor<?> made) {
        return Stream.concat(Stream.of(made), Arrays.stream(made.getParameters()));
    }

    /** Returns the record's interfaces and their methods. Jackson applies the annotations of these to the record. */
    private static Stream<AnnotatedElement> ofInterfaces(Class<?> type) {
        return Arrays.stream(type.getInterfaces())
                .flatMap(each -> Stream.concat(
                        Stream.concat(Stream.of(each), Arrays.stream(each.getDeclaredMethods())), ofInterfaces(each)));
    }

    private static boolean isOfBean(Method method, Class<?> type) {
        return method.getParameterCount() == 0
                && method.getDeclaringClass() != Object.class
                && GETTER.matcher(method.getName()).lookingAt()
                && Arrays.stream(type.getRecordComponents()).noneMatch(part -> method.equals(part.getAccessor()));
    }

    /** Returns the parts of a record; an empty array if one of its components has no shape. */
    private static Part[] partsOf(Class<?> type, Set<Class<?>> inside) throws IllegalAccessException {
        var within = new HashSet<>(inside);
        within.add(type);
        RecordComponent[] components = type.getRecordComponents();
        var parts = new Part[components.length];
        for (int i = 0; i < parts.length; i++) {
            JsonShape shape = JsonShape.ofOrNull(components[i].getAnnotatedType(), within);
            if (shape == null || !components[i].getName().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                return NONE;
            }
            parts[i] = new Part(components[i], shape, i == 0);
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

    /**
     * Reads a record from the content of a message, if the content is a small flat object. Returns null if only a scan
     * or Jackson can read the record.
     */
    static <T> @Nullable T readOrNull(Message message, Class<T> type) {
        RecordShape shape = OF_TYPE.get(type);
        FlatObject content = shape.constructor == null ? null : message.flatOrNull();
        return content == null ? null : type.cast(shape.readOrNull(part -> valueOrNull(content, part)));
    }

    /** Reads a record from a scanned content. Returns null if only Jackson can read the record. */
    static <T> @Nullable T readOrNull(JsonScan content, Class<T> type) {
        RecordShape shape = OF_TYPE.get(type);
        if (shape.constructor == null) {
            return null;
        }
        return type.cast(
                content.isLargeObject()
                        ? shape.readOrNull(content.cursor()) // once, and not once for each component
                        : shape.readOrNull(part -> valueOrNull(content, part)));
    }

    private interface Source {
        @Nullable
        Object valueOrNull(Part part);
    }

    private @Nullable Object readOrNull(Source source) {
        var values = new Object[parts.length];
        for (int i = 0; i < values.length; i++) {
            Object value = source.valueOrNull(parts[i]);
            if (value == null) {
                return null;
            }
            values[i] = value;
        }
        return madeOrNull(values);
    }

    private @Nullable Object madeOrNull(Object[] values) {
        try {
            return (Object) Objects.requireNonNull(constructor).invokeExact(values);
        } catch (Error fatal) {
            throw fatal;
        } catch (Throwable refused) {
            return null; // the record's constructor threw; Jackson will get the same exception, and report it
        }
    }

    private static @Nullable Object valueOrNull(FlatObject content, Part part) {
        if (part.shape == ScalarShape.TEXT) {
            return content.text(part.name);
        } else if (part.shape == ScalarShape.TRUTH) {
            return content.truthOrNull(part.name);
        } else if (part.shape != ScalarShape.INT && part.shape != ScalarShape.LONG) {
            return null;
        }
        long number = content.number(part.name);
        if (number < 0) {
            return null;
        }
        return part.shape == ScalarShape.INT ? ScalarShape.intOrNull(number) : (Object) number;
    }

    private static @Nullable Object valueOrNull(JsonScan content, Part part) {
        if (part.shape == ScalarShape.TEXT) {
            return content.text(part.name); // the scan knows where the text ends
        }
        JsonCursor cursor = content.cursorOrNull(part.name);
        return cursor == null ? null : part.shape.readOrNull(cursor);
    }

    /** Reads a record that is a part of another value. */
    @Override
    public @Nullable Object readOrNull(JsonCursor json) {
        if (json.first() != '{') {
            return null;
        }
        var values = new Object[parts.length];
        int found = 0;
        int expected = 0;
        for (boolean isMore = json.enter(); isMore; isMore = json.next()) {
            int index = memberAt(json, expected);
            if (index < 0) {
                if (json.skipName()) {
                    return null; // the name has an escape, which may stand for any character
                }
                json.skip();
                continue;
            }
            Object value = parts[index].shape.readOrNull(json);
            if (value == null) {
                return null;
            }
            values[index] = value;
            found++;
            expected = index + 1;
        }
        return found == parts.length ? madeOrNull(values) : null;
    }

    /**
     * Returns the index of the part that has the name of the next member, and moves the cursor after the name. Returns
     * a negative number if no part has this name; then the cursor does not move.
     */
    private int memberAt(JsonCursor json, int expected) {
        for (int i = expected; i < parts.length; i++) {
            if (json.isNamed(parts[i].quotedName)) {
                return i;
            }
        }
        for (int i = 0; i < expected; i++) {
            if (json.isNamed(parts[i].quotedName)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the record as JSON in UTF-8, or null if only Jackson can write the record. */
    static @Nullable JoinedBytes writeOrNull(Object value) {
        RecordShape shape = OF_TYPE.get(value.getClass());
        if (shape.constructor == null) {
            return null;
        }
        var json = new JsonOutput();
        try {
            return shape.write(value, json) ? json.joined() : null;
        } catch (RuntimeException ofItsList) {
            return null; // Jackson will get the same exception, and report where it was thrown
        }
    }

    @Override
    public boolean write(@Nullable Object value, JsonOutput json) {
        if (value == null) {
            return ScalarShape.writeNull(json);
        }
        if (value.getClass() != type) {
            return false; // the value is an element of a list, and does not have the declared type
        }
        for (Part part : parts) {
            json.put(part.before);
            Object component;
            try {
                component = (Object) part.accessor.invokeExact(value);
            } catch (Error fatal) {
                throw fatal;
            } catch (Throwable accessorThrew) {
                return false; // Jackson will get the same exception
            }
            if (!part.shape.write(component, json)) {
                return false;
            }
        }
        json.put('}');
        return true;
    }
}
