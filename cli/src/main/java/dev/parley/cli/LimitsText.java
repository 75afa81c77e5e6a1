package dev.parley.cli;

import dev.parley.MessageLimits;
import dev.parley.net.Limits;
import dev.parley.net.text.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Formats the limits of a layer as lines for people. Each line has the limit's name as in the documents, and its value
 * with its unit.
 */
final class LimitsText {
    private LimitsText() {}

    static List<String> lines(Limits limits) {
        return List.of(
                line("connectTimeout", limits.connectTimeout()),
                line("idleTimeout", limits.idleTimeout()),
                line("writeTimeout", limits.writeTimeout()),
                line("lingerTimeout", limits.lingerTimeout()),
                line("lingerBytesMax", limits.lingerBytesMax()),
                line("connectionsMax", limits.connectionsMax()),
                line("queuedBytesHigh", limits.queuedBytesHigh()),
                line("queuedBytesMax", limits.queuedBytesMax()));
    }

    static List<String> lines(MessageLimits limits) {
        return List.of(
                line("headerBytesMax", limits.frame().headerBytesMax()),
                line("contentBytesMax", limits.frame().contentBytesMax()),
                line("headerTimeout", limits.headerTimeout()),
                line("contentTimeout", limits.contentTimeout()),
                line("inFlightMax", limits.inFlightMax()),
                line("streamsMax", limits.streamsMax()),
                line("inFlightTotalMax", limits.inFlightTotalMax()),
                line("drainGrace", limits.drainGrace()),
                line("pingInterval", limits.pingInterval()),
                line("pingTimeout", limits.pingTimeout()),
                line("connectionAgeMax", limits.connectionAgeMax()),
                line("depthMax", limits.json().depthMax()),
                line("valuesMax", limits.json().valuesMax()),
                line("onLoopBytesMax", limits.onLoopBytesMax()));
    }

    static String line(String name, Object value) {
        return "%-20s %s".formatted(name(name), text(name, value));
    }

    private static String name(String component) {
        return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String text(String name, Object value) {
        return switch (value) {
            case Duration never when never.isZero() && (name.endsWith("Timeout") || name.endsWith("AgeMax")) -> "never";
            case Duration time -> Durations.text(time);
            case Number bytes when name.contains("Bytes") -> String.format(Locale.ROOT, "%,d bytes", bytes);
            case Integer count -> String.format(Locale.ROOT, "%,d", count);
            default -> value.toString();
        };
    }
}
