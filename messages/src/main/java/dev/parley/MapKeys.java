package dev.parley;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.time.Instant;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;

/**
 * Reads the keys of a map as strictly as values are read: the name of a member must be all of the key, and a number
 * must be in the range of its type (docs/types.md). Jackson alone would read the byte 200 as -56, the double 1e999 as
 * infinity, and 1-1-1-1-1 as a UUID.
 */
final class MapKeys extends KeyDeserializer {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern ZERO = Pattern.compile("-?[0.]+([eE].*)?");

    private static final Set<Class<?>> NUMBERS_AND_TRUTHS = Set.of(
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            BigInteger.class,
            BigDecimal.class,
            Boolean.class);

    /** The types outside java.time that are text; of others, such as a character, each text may be a value. */
    private static final Set<Class<?>> TEXTS =
            Set.of(UUID.class, Date.class, Locale.class, URI.class, URL.class, Currency.class, TimeZone.class);

    private final Class<?> type;
    private final KeyDeserializer byJackson;

    MapKeys(Class<?> type, KeyDeserializer byJackson) {
        this.type = type;
        this.byJackson = byJackson;
    }

    /** Returns true for the types of keys that this class reads. Jackson reads the others alone. */
    static boolean isRead(Class<?> type) {
        return NUMBERS_AND_TRUTHS.contains(type)
                || TEXTS.contains(type)
                || type.getPackage() == Instant.class.getPackage() && !type.isEnum();
    }

    /** Called by Jackson before the first use. */
    @Override
    public void resolve(DeserializationContext context) {
        byJackson.resolve(context);
    }

    @Override
    public @Nullable Object deserializeKey(String key, DeserializationContext context) {
        Object value;
        try {
            value = checkedOrNull(key, byJackson.deserializeKey(key, context));
        } catch (IllegalArgumentException e) {
            value = null;
        }
        return value == null ? context.handleWeirdKey(type, key, "not a value") : value;
    }

    private static @Nullable Object checkedOrNull(String key, @Nullable Object value) {
        boolean isExact =
                switch (value) {
                    case Byte _, Short _, Integer _, Long _ -> key.equals(String.valueOf(value)) || key.equals("-0");
                    case BigInteger _ -> WHOLE_NUMBER.matcher(key).matches();
                    case Float number -> isNumber(key) && Float.isFinite(number) && (number != 0 || isZero(key));
                    case Double number -> isNumber(key) && Double.isFinite(number) && (number != 0 || isZero(key));
                    case BigDecimal _ -> isNumber(key);
                    case Boolean truth -> key.equals(truth.toString());
                    case null, default -> key.equals(key.trim());
                };
        return isExact && value != null ? TextTypes.exactOrNull(key, value) : null;
    }

    private static boolean isNumber(String key) {
        return NUMBER.matcher(key).matches();
    }

    /**
     * Returns true if the key is written as zero. If a key is read as zero but is not written as zero, it was too small
     * for its type.
     */
    private static boolean isZero(String key) {
        return ZERO.matcher(key).matches();
    }
}
