package dev.parley.cli;

import dev.parley.net.text.Durations;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Formats the limits of a layer as lines for people. Each line has the limit's name as in the documents, and its value
 * with its unit.
 */
final class LimitsText {
    private LimitsText() {}

    /** Returns a line for each component. If a component is a record, returns the lines of its components instead. */
    static List<String> lines(Record limits) {
        var lines = new ArrayList<String>();
        for (RecordComponent component : limits.getClass().getRecordComponents()) {
            Object value = value(limits, component);
            if (value instanceof Record more) {
                lines.addAll(lines(more));
            } else {
                lines.add(line(component.getName(), value));
            }
        }
        return lines;
    }

    static String line(String name, Object value) {
        return "%-20s %s".formatted(name(name), text(name, value));
    }

    private static Object value(Record limits, RecordComponent component) {
        try {
            return component.getAccessor().invoke(limits);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String text(String name, Object value) {
        return switch (value) {
            case Duration never when never.isZero() && name.endsWith("Timeout") -> "never";
            case Duration time -> Durations.text(time);
            case Number bytes when name.contains("Bytes") -> String.format(Locale.ROOT, "%,d bytes", bytes);
            case Integer count -> String.format(Locale.ROOT, "%,d", count);
            default -> value.toString();
        };
    }
}
