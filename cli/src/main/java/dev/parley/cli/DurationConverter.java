package dev.parley.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Decides how durations are written on the command line: {@code 250ms}, {@code 10s}, {@code 5m} or {@code 2h}. {@code
 * 0} needs no unit.
 */
final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    @Override
    public Duration convert(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        if (text.matches("\\d{1,9}")) {
            throw new CommandLine.TypeConversionException("'" + text + "' has no unit; write " + text
                    + "s for seconds, or " + text + "ms, " + text + "m, " + text + "h");
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new CommandLine.TypeConversionException("'" + text
                    + "' is not a duration; write a whole number of up to 9 digits and its unit: 250ms, 10s, 5m or 2h");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
