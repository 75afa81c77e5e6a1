package dev.parley.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Decides how sizes in bytes are written on the command line: {@code 65536}, {@code 64k}, {@code 32m} or {@code 1g}.
 * The units are powers of 1,024.
 */
final class SizeConverter implements CommandLine.ITypeConverter<Long> {
    /**
     * The smallest number that is accepted without a unit. With a smaller number, the user probably forgot the unit.
     */
    private static final int BYTES_WITHOUT_UNIT_MIN = 1024;

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([kmg]?)");

    @Override
    public Long convert(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new CommandLine.TypeConversionException("'" + text
                    + "' is not a size; write a whole number of up to 9 digits and its unit: 65536, 64k, 32m or 1g");
        }
        long amount = Long.parseLong(matcher.group(1));
        if (matcher.group(2).isEmpty() && amount > 0 && amount < BYTES_WITHOUT_UNIT_MIN) {
            throw new CommandLine.TypeConversionException("'" + text + "' has no unit, and " + text
                    + " bytes are too few; write " + text + "k, " + text + "m or " + text + "g");
        }
        return switch (matcher.group(2)) {
            case "k" -> amount << 10;
            case "m" -> amount << 20;
            case "g" -> amount << 30;
            default -> amount;
        };
    }
}
