package dev.parley;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;

/**
 * Reads the keys of a map as strictly as values are read: the name of a member must be all of the key, and a number must
 * be in the range of its type (docs/types.md). Jackson alone would read the byte 200 as -56, the double 1e999 as infinity,
 * and 1-1-1-1-1 as a UUID.
 */
final class MapKeys extends KeyDeserializer {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern ZERO = Pattern.compile("-?[0.]+([eE].*)?");

    private final Class<?> type;
    private final KeyDeserializer byJackson;

    MapKeys(Class<?> type, KeyDeserializer byJackson) {
        this.type = type;
        this.byJackson = byJackson;
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
                    case Byte number -> isExactly(key, number);
                    case Short number -> isExactly(key, number);
                    case Integer number -> isExactly(key, number);
                    case Long number -> isExactly(key, number);
                    case BigInteger _ -> isWhole(key);
                    case Float number -> isNumber(key) && Float.isFinite(number) && (number != 0 || isZero(key));
                    case Double number -> isNumber(key) && Double.isFinite(number) && (number != 0 || isZero(key));
                    case BigDecimal _ -> isNumber(key);
                    case Boolean truth -> key.equals(truth.toString());
                    case null, default -> key.equals(key.trim());
                };
        return isExact && value != null ? TextTypes.exactOrNull(key, value) : null;
    }

    private static boolean isExactly(String key, long number) {
        return isWhole(key) && new BigInteger(key).equals(BigInteger.valueOf(number));
    }

    private static boolean isWhole(String key) {
        return WHOLE_NUMBER.matcher(key).matches();
    }

    private static boolean isNumber(String key) {
        return NUMBER.matcher(key).matches();
    }

    /** Returns false if a number became zero because it is smaller than the smallest one of its type. */
    private static boolean isZero(String key) {
        return ZERO.matcher(key).matches();
    }
}
