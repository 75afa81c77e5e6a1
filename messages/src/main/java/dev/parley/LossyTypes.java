package dev.parley;

import java.io.File;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Calendar;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.StreamWriteException;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Decides how types of the JDK are written and read that Jackson would write or read as another value. Such a type is
 * written in another form, or refused (docs/types.md).
 */
final class LossyTypes {
    private LossyTypes() {}

    static JacksonModule module() {
        return new SimpleModule("dev.parley.types")
                .setDeserializerModifier(new TextTypes())
                .addSerializer(asText(File.class, File::getPath))
                .addSerializer(asText(
                        Path.class, path -> path.isAbsolute() ? path.toUri().toString() : path.toString()))
                .addSerializer(asText(InetAddress.class, InetAddress::getHostAddress))
                .addSerializer(asText(Pattern.class, LossyTypes::withoutFlags))
                .addSerializer(refused(Calendar.class, "its time zone would be lost; use a ZonedDateTime"))
                .addSerializer(refused(BitSet.class, "its bits would be lost; use an array"));
    }

    private static String withoutFlags(Pattern pattern) {
        if (pattern.flags() != 0) {
            throw new IllegalArgumentException(
                    "the flags of a Pattern would be lost; write them into it, such as (?i)");
        }
        return pattern.pattern();
    }

    private static <T> StdSerializer<T> refused(Class<T> type, String why) {
        return asText(type, value -> {
            throw new IllegalArgumentException("a " + type.getSimpleName() + " is not accepted: " + why);
        });
    }

    private static <T> StdSerializer<T> asText(Class<T> type, Function<T, String> text) {
        return new StdSerializer<>(type) {
            @Override
            public void serialize(T value, JsonGenerator generator, SerializationContext context)
                    throws JacksonException {
                try {
                    generator.writeString(text.apply(value));
                } catch (IllegalArgumentException e) {
                    throw new StreamWriteException(generator, e.getMessage(), e);
                }
            }
        };
    }
}
