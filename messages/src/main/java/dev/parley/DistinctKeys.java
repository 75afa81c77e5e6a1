package dev.parley;

import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ContextualKeyDeserializer;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.exc.MismatchedInputException;

/**
 * Reads a map, and refuses two names that stand for the same key, such as {@code 1} and {@code 1.0}. Jackson alone
 * would keep only the last of the two members.
 */
final class DistinctKeys extends DelegatingDeserializer {
    /** The message of the exception. */
    static final String TWICE = "two names in it stand for the same key";

    private static final Set<Class<?>> TEXTS = Set.of(String.class, Object.class, CharSequence.class);

    /** The keys that a map has so far. While a value of the map is read, {@link #isAtName} returns false. */
    private record Keys(JsonParser json, int depth, Set<Object> keys) {
        boolean isAtName() {
            return json.currentToken() == JsonToken.PROPERTY_NAME
                    && json.streamReadContext().getNestingDepth() == depth;
        }
    }

    private final JavaType type;

    private DistinctKeys(JavaType type, ValueDeserializer<?> byJackson) {
        super(byJackson);
        this.type = type;
    }

    /** Returns a reader of the map, unless its keys are the names themselves, so that a scan has compared them. */
    static ValueDeserializer<?> of(JavaType map, ValueDeserializer<?> byJackson) {
        return areTexts(map.getKeyType()) ? byJackson : new DistinctKeys(map, byJackson);
    }

    /** Returns a reader of the keys of such maps. */
    static KeyDeserializer of(JavaType keyType, KeyDeserializer byJackson) {
        return areTexts(keyType) ? byJackson : new Reader(keyType, byJackson);
    }

    private static boolean areTexts(JavaType keyType) {
        return TEXTS.contains(keyType.getRawClass());
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> byJackson) {
        return new DistinctKeys(type, byJackson);
    }

    @Override
    public @Nullable Object deserialize(JsonParser json, DeserializationContext context) {
        return reading(json, context, () -> super.deserialize(json, context));
    }

    @Override
    public @Nullable Object deserialize(JsonParser json, DeserializationContext context, Object into) {
        return reading(json, context, () -> super.deserialize(json, context, into));
    }

    private @Nullable Object reading(JsonParser json, DeserializationContext context, Supplier<@Nullable Object> map) {
        Object outer = context.getAttribute(Keys.class);
        boolean isSorted = SortedMap.class.isAssignableFrom(type.getRawClass())
                && Comparable.class.isAssignableFrom(type.getKeyType().getRawClass());
        Set<Object> keys = isSorted ? new TreeSet<>() : new HashSet<>(); // equal as they are in the map
        context.setAttribute(Keys.class, new Keys(json, json.streamReadContext().getNestingDepth(), keys));
        try {
            return map.get();
        } finally {
            context.setAttribute(Keys.class, outer);
        }
    }

    /** Reads keys of one type. */
    private static final class Reader extends KeyDeserializer implements ContextualKeyDeserializer {
        private final JavaType type;
        private final KeyDeserializer byJackson;

        Reader(JavaType type, KeyDeserializer byJackson) {
            this.type = type;
            this.byJackson = byJackson;
        }

        @Override
        public void resolve(DeserializationContext context) {
            byJackson.resolve(context);
        }

        @Override
        public KeyDeserializer createContextual(DeserializationContext context, @Nullable BeanProperty property) {
            return byJackson instanceof ContextualKeyDeserializer contextual
                    ? new Reader(type, contextual.createContextual(context, property))
                    : this;
        }

        @Override
        public @Nullable Object deserializeKey(String name, DeserializationContext context) {
            Object key = byJackson.deserializeKey(name, context);
            boolean isTwice = key != null
                    && context.getAttribute(Keys.class) instanceof Keys map
                    && map.isAtName()
                    && !map.keys().add(key);
            if (isTwice) {
                throw MismatchedInputException.from(context.getParser(), type, TWICE);
            }
            return key;
        }
    }
}
