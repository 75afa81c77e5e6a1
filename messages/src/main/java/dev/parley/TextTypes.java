package dev.parley;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.deser.std.FromStringDeserializer;
import tools.jackson.databind.type.MapType;

/**
 * Decides from which JSON the types of the JDK are read that are text in JSON, such as a {@link UUID} (docs/types.md):
 * only from text, and only if all of the text is the value. Jackson alone would also accept numbers, drop the blanks at
 * the ends, take an empty text for null, and replace an unknown time zone by GMT.
 */
final class TextTypes extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;
    private static final int UUID_LENGTH = 36;
    private static final String GMT = "GMT";
    private static final Pattern DAY = Pattern.compile("(?:\\+(?=\\d{4}-))?([+-]?\\d{4,9}-\\d{2}-\\d{2})(T.*)?");
    private static final Pattern LOCALE = Pattern.compile("[A-Za-z0-9_#-]*");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]*\\.?[0-9]*");

    /** The types for which an empty text, and blanks at the ends, are a value too. Null leaves the text to Jackson. */
    private static final Map<Class<?>, Function<String, @Nullable Object>> OF_ANY_TEXT = Map.of(
            File.class, File::new,
            Path.class, text -> text.indexOf(':') < 0 ? Path.of(text) : null,
            Pattern.class, Pattern::compile,
            StringBuilder.class, StringBuilder::new);

    private static final Map<Class<?>, String> EXAMPLES = Map.ofEntries(
            Map.entry(Duration.class, "PT1.5S"),
            Map.entry(Period.class, "P1Y2M3D"),
            Map.entry(Instant.class, "2024-07-01T08:15:30Z"),
            Map.entry(LocalDate.class, "2024-07-01"),
            Map.entry(LocalTime.class, "10:15:30"),
            Map.entry(LocalDateTime.class, "2024-07-01T10:15:30"),
            Map.entry(OffsetDateTime.class, "2024-07-01T10:15:30+02:00"),
            Map.entry(ZonedDateTime.class, "2024-07-01T10:15:30+02:00[Europe/Berlin]"),
            Map.entry(Date.class, "2024-07-01T08:15:30.000Z"),
            Map.entry(ZoneId.class, "Europe/Berlin"),
            Map.entry(TimeZone.class, "Europe/Berlin"),
            Map.entry(Currency.class, "EUR"),
            Map.entry(Locale.class, "en-GB"),
            Map.entry(UUID.class, "8b7d8dca-b595-44db-a668-632553be5e81"));

    /** Returns an example of the text that stands for a value of this type; null if there is none. */
    static @Nullable String exampleOrNull(Class<?> type) {
        return EXAMPLES.get(type);
    }

    @Override
    public ValueDeserializer<?> modifyDeserializer(
            DeserializationConfig config, BeanDescription.Supplier beanDescRef, ValueDeserializer<?> deserializer) {
        Class<?> type = deserializer.handledType();
        boolean isText = deserializer instanceof FromStringDeserializer<?>
                || type == Path.class
                || Date.class.isAssignableFrom(type)
                || type.getPackage() == Duration.class.getPackage() && !type.isEnum();
        return isText ? new Reader(deserializer) : deserializer;
    }

    @Override
    public KeyDeserializer modifyKeyDeserializer(
            DeserializationConfig config, JavaType type, KeyDeserializer deserializer) {
        Class<?> keyType = type.getRawClass();
        boolean isRead = MapKeys.isRead(keyType);
        return DistinctKeys.of(type, isRead ? new MapKeys(keyType, deserializer) : deserializer);
    }

    @Override
    public ValueDeserializer<?> modifyMapDeserializer(
            DeserializationConfig config,
            MapType type,
            BeanDescription.Supplier beanDescRef,
            ValueDeserializer<?> deserializer) {
        return DistinctKeys.of(type, deserializer);
    }

    /** Reads one type. */
    private static final class Reader extends DelegatingDeserializer {
        Reader(ValueDeserializer<?> byJackson) {
            super(byJackson);
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> byJackson) {
            return new Reader(byJackson);
        }

        /** Leaves a component to Jackson if an annotation says in which form it is. */
        @Override
        public ValueDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
            ValueDeserializer<?> mine = super.createContextual(context, property);
            JsonFormat.Value form =
                    property == null ? null : property.findPropertyFormat(context.getConfig(), _valueClass);
            boolean hasForm = form != null && (form.hasShape() || form.hasPattern());
            return hasForm && mine instanceof Reader reader ? reader.getDelegatee() : mine;
        }

        @Override
        public @Nullable Object deserialize(JsonParser json, DeserializationContext context) {
            if (json.hasToken(JsonToken.VALUE_NUMBER_INT) && isNumberToo()) {
                return _delegatee.deserialize(json, context);
            }
            if (!json.hasToken(JsonToken.VALUE_STRING) || _valueClass == Year.class) {
                return context.handleUnexpectedToken(_valueClass, json);
            }
            String text = json.getString();
            Object value;
            try {
                value = valueOrNull(text, json, context);
            } catch (IllegalArgumentException e) {
                value = null;
            }
            return value == null ? context.handleWeirdStringValue(_valueClass, text, "not a value") : value;
        }

        private boolean isNumberToo() {
            return _valueClass == Year.class || Date.class.isAssignableFrom(_valueClass);
        }

        private @Nullable Object valueOrNull(String text, JsonParser json, DeserializationContext context) {
            Function<String, @Nullable Object> ofAnyText = OF_ANY_TEXT.get(_valueClass);
            Object value = ofAnyText == null ? null : ofAnyText.apply(text);
            if (value != null) {
                return value;
            }
            value = text.equals(text.trim()) ? _delegatee.deserialize(json, context) : null;
            return exactOrNull(text, value);
        }
    }

    /**
     * Returns the value that Jackson has read from this text; null if Jackson has dropped or replaced a part of the
     * text.
     */
    static @Nullable Object exactOrNull(String text, @Nullable Object value) {
        return switch (value) {
            case TimeZone zone -> zone.getID().equals(GMT) && !text.equals(GMT) ? null : zone;
            case UUID id -> text.length() == UUID_LENGTH ? id : null;
            case LocalDate date -> text.indexOf('T') < 0 ? date : null;
            case LocalTime time -> text.indexOf('T') < 0 ? time : null;
            case LocalDateTime time -> text.endsWith("Z") ? null : time;
            case Locale locale -> LOCALE.matcher(text).matches() ? locale : null;
            case Instant time -> isNumber(text) ? null : time;
            case OffsetDateTime time -> isNumber(text) ? null : time;
            case ZonedDateTime time -> isNumber(text) ? null : time;
            case Date time -> isNumber(text) || !isRealDay(text) ? null : time;
            case null, default -> value;
        };
    }

    /**
     * Returns false if the text begins with a day that no calendar has, because Jackson would take it for a later day.
     * Also returns false if Jackson would not read all of the text: Jackson ignores what follows after a date of RFC
     * 1123.
     */
    private static boolean isRealDay(String text) {
        Matcher day = DAY.matcher(text);
        try {
            return day.matches()
                    ? LocalDate.parse(day.group(1)) != null
                    : DateTimeFormatter.RFC_1123_DATE_TIME.parse(text) != null;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /** Returns true if Jackson takes the text for a count of seconds or milliseconds. */
    private static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }
}
