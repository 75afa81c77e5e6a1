package dev.parley;

import dev.parley.link.FailedCheck;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Year;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Describes in our own words why JSON does not fit a Java type: the place in the JSON, what is expected there, and what
 * was found. Jackson's own message quotes the peer's bytes and names the application's classes. Our text does not quote
 * them, and names only the members of the type, and the type whose check failed.
 */
final class BindingErrorText {
    private static final int NAMES_MAX = 8;
    private static final int WORDS_MAX = 200;
    private static final String NOT_ACCEPTED = "a value that is not accepted here";
    private static final Set<Class<?>> WHOLE_NUMBERS = Set.of(
            byte.class,
            short.class,
            int.class,
            long.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            BigInteger.class,
            Year.class);
    private static final Set<Class<?>> NUMBERS =
            Set.of(float.class, double.class, Float.class, Double.class, BigDecimal.class, Number.class);

    private BindingErrorText() {}

    /**
     * Describes why JSON does not fit.
     *
     * @param mapper the mapper that has read it
     */
    static String of(JacksonException e, byte[] json, ObjectMapper mapper) {
        return e.getPath().isEmpty() && !isOfValue(e) ? "the content is not one JSON value" : unfit(e, json, mapper);
    }

    /** Describes why content in another format does not fit. Nothing has checked this format before. */
    static String ofBinary(JacksonException e, ObjectMapper mapper, String contentType) {
        return isOfValue(e) ? unfit(e, new byte[0], mapper) : "the content is not one value of " + contentType;
    }

    private static boolean isOfValue(JacksonException e) {
        return e instanceof DatabindException || e instanceof InputCoercionException;
    }

    private static String unfit(JacksonException e, byte[] json, ObjectMapper mapper) {
        String path = path(e.getPath());
        return "the content does not fit: " + (path.isEmpty() ? "" : path + ": ") + what(e, json, mapper);
    }

    private static String what(JacksonException e, byte[] json, ObjectMapper mapper) {
        boolean missing = e instanceof InvalidNullException
                || String.valueOf(e.getOriginalMessage()).startsWith("Missing required");
        if (missing) {
            return e.getPath().isEmpty()
                    ? "null is not allowed"
                    : "it is required, but is missing or null" + MemberHint.of(e.getPath(), json);
        }
        Throwable thrown = FailedCheck.thrownOrNull(e);
        if (thrown != null) {
            return FailedCheck.isAboutValue(thrown) ? ownWords(thrown) : failed(e, thrown);
        }
        Type target = target(e);
        String expected = target instanceof Class<?> type ? expected(type, mapper) : null;
        if (DistinctKeys.TWICE.equals(e.getOriginalMessage())) {
            return DistinctKeys.TWICE;
        }
        if (isOfKey(e)) {
            boolean isText = expected != null && !expected.startsWith("an "); // the key is text, never an object
            return "a name in it is not a valid key" + (isText ? ": expected " + expected : "");
        }
        return expected == null ? NOT_ACCEPTED : "expected " + expected + found(e, target);
    }

    /** Returns true if the name of a member, which becomes a key of a map, could not be read. */
    private static boolean isOfKey(JacksonException e) {
        return String.valueOf(e.getOriginalMessage()).startsWith("Cannot deserialize Map key");
    }

    /** Returns what the type's own check says, which the application wrote for its callers. */
    private static String ownWords(Throwable thrown) {
        String words = String.valueOf(thrown.getMessage())
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        return words.length() <= WORDS_MAX ? words : words.substring(0, WORDS_MAX) + "…";
    }

    /**
     * Returns that a check of the type threw this. Other exceptions than those about values may say something of the
     * application that is not for its callers, so their messages stay in the server's log.
     */
    private static String failed(JacksonException e, Throwable thrown) {
        String check = e instanceof ValueInstantiationException made && made.getType() != null
                ? "the check of " + TypeName.of(made.getType().getRawClass())
                : "its check";
        return check + " failed (" + thrown.getClass().getSimpleName() + ")";
    }

    private static @Nullable Type target(JacksonException e) {
        return switch (e) {
            case MismatchedInputException wrong -> wrong.getTargetType();
            case InputCoercionException wrong -> wrong.getTargetType();
            default -> null;
        };
    }

    /** Returns the path as it is written in a program, such as {@code items[2].price}. */
    static String path(List<JacksonException.Reference> steps) {
        return steps.stream()
                .map(BindingErrorText::shown)
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    /** Returns one step of a path. A key that the peer chose, as in a map, is shown only if it looks like a name. */
    private static String shown(JacksonException.Reference step) {
        String name = step.getPropertyName();
        if (name == null) {
            return "[" + step.getIndex() + "]";
        }
        return name.matches("[A-Za-z0-9_]{1,64}") ? "." + name : ".?";
    }

    private static @Nullable String expected(Class<?> type, ObjectMapper mapper) {
        if (type == String.class || type == CharSequence.class) {
            return "text";
        }
        if (WHOLE_NUMBERS.contains(type)) {
            return "a whole number";
        }
        if (NUMBERS.contains(type)) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return oneOf(type, mapper);
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "an array";
        }
        if (type.isRecord() || Map.class.isAssignableFrom(type)) {
            return "an object";
        }
        String example = TextTypes.exampleOrNull(type);
        return example == null ? null : "text such as " + example;
    }

    private static String oneOf(Class<?> type, ObjectMapper mapper) {
        String names = String.join(", ", NamesInContent.ofConstants(type, mapper, NAMES_MAX));
        return "one of " + names + (type.getEnumConstants().length > NAMES_MAX ? ", or others" : "");
    }

    private static String found(JacksonException e, @Nullable Type target) {
        return switch (e) {
            case InvalidFormatException wrong -> found(wrong.getValue(), target);
            case MismatchedInputException wrong -> found(wrong.getCurrentToken());
            default -> ", found a number out of range";
        };
    }

    private static String found(@Nullable Object value, @Nullable Type target) {
        if (value instanceof Number) {
            return target instanceof Class<?> type && WHOLE_NUMBERS.contains(type)
                    ? ", found another number"
                    : ", found a number";
        }
        return value instanceof Boolean ? ", found true or false" : "";
    }

    private static String found(@Nullable JsonToken token) {
        if (token == null) {
            return "";
        }
        return switch (token) {
            case VALUE_STRING -> ", found text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> ", found a number";
            case VALUE_TRUE, VALUE_FALSE -> ", found true or false";
            case VALUE_NULL -> ", found null";
            case START_ARRAY -> ", found an array";
            case START_OBJECT -> ", found an object";
            default -> "";
        };
    }
}
