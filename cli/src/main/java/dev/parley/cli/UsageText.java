package dev.parley.cli;

import dev.parley.net.AddressException;
import dev.parley.net.text.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Describes a mistake in a command line, in one sentence: what was found, what is expected, and an example. */
final class UsageText {
    private UsageText() {}

    static String of(ParameterException wrong) {
        return switch (wrong) {
            case UnmatchedArgumentException unmatched -> unknown(unmatched);
            case MissingParameterException missing -> missing(missing);
            case OverwrittenOptionException twice -> name(twice.getOverwritten()) + " is given twice; once is enough";
            default -> badValue(wrong);
        };
    }

    /**
     * Returns the text for a wrong address. If the text does not look like an address, the user may have meant it for
     * another argument, so an example is added.
     */
    static String of(AddressException wrong, CommandLine command) {
        return wrong.getMessage() + (notAnAddress(command) == null ? "" : example(command));
    }

    private static String unknown(UnmatchedArgumentException unmatched) {
        String first = unmatched.getUnmatched().getFirst();
        CommandLine command = unmatched.getCommandLine();
        if (first.startsWith("-")) {
            return "there is no option '" + first + "'"
                    + suggestion(first, optionNames(command), unmatched.getSuggestions());
        }
        if (command.getSubcommands().isEmpty()) {
            return "'" + first + "' is one argument too many" + example(command);
        }
        List<String> names = List.copyOf(command.getSubcommands().keySet());
        return "there is no command '" + first + "'" + suggestion(first, names, List.of());
    }

    private static List<String> optionNames(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .flatMap(option -> Arrays.stream(option.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
    }

    private static String suggestion(String given, List<String> names, List<String> otherwise) {
        String nearest = NearestName.nearest(given.replaceFirst("=.*", ""), names);
        List<String> similar = nearest == null ? otherwise : List.of(nearest);
        return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
    }

    private static String missing(MissingParameterException missing) {
        CommandLine command = missing.getCommandLine();
        List<ArgSpec> all = missing.getMissing();
        if (all.getFirst() instanceof OptionSpec option) {
            return name(option) + " needs a value: " + name(option) + "=" + option.paramLabel();
        }
        String noAddress = notAnAddress(command);
        if (noAddress != null) {
            return noAddress + example(command);
        }
        List<String> names = command.getCommandSpec().positionalParameters().stream()
                .filter(argument ->
                        argument.required() && argument.stringValues().isEmpty())
                .map(ArgSpec::paramLabel)
                .collect(Collectors.toCollection(ArrayList::new));
        String last = names.isEmpty() ? all.getLast().paramLabel() : names.removeLast();
        String listed = names.isEmpty() ? last : String.join(", ", names) + " and " + last;
        return listed + (names.isEmpty() ? " is" : " are") + " missing" + example(command);
    }

    /**
     * Returns the text for a missing address, if the first argument is not an address. Returns null if the command has
     * no address, or if the first argument is absent or looks like an address.
     */
    private static @Nullable String notAnAddress(CommandLine command) {
        var positional = command.getCommandSpec().positionalParameters();
        boolean hasAddress =
                !positional.isEmpty() && positional.getFirst().paramLabel().equals("ADDRESS");
        List<String> given = hasAddress ? positional.getFirst().stringValues() : List.of();
        return given.isEmpty() || given.getFirst().contains(":")
                ? null
                : "ADDRESS is missing: it goes first, and '" + given.getFirst() + "' is not an address";
    }

    private static String badValue(ParameterException wrong) {
        ArgSpec argument = wrong.getArgSpec();
        String value = wrong.getValue();
        if (argument == null) {
            return firstLine(wrong);
        }
        String seen = name(argument) + (value == null ? "" : " is '" + value + "'");
        if (Map.class.isAssignableFrom(argument.type())) {
            return seen + "; write " + name(argument) + " " + argument.paramLabel();
        }
        Class<?> type = argument.isMultiValue() ? argument.auxiliaryTypes()[0] : argument.type();
        if (type.isEnum()) {
            return seen + "; " + choices(type);
        }
        if (type == int.class || type == Integer.class || type == long.class) {
            return seen + "; " + wholeNumber(argument, String.valueOf(value), type == long.class);
        }
        return wrong.getCause() instanceof TypeConversionException own
                ? name(argument) + ": " + own.getMessage()
                : firstLine(wrong);
    }

    private static String wholeNumber(ArgSpec argument, String value, boolean isLong) {
        if (!value.matches("[+-]?[0-9]+")) {
            return "it must be a whole number, such as " + name(argument) + "=100";
        }
        return value.startsWith("-")
                ? "it must be at least " + (isLong ? Long.MIN_VALUE : Integer.MIN_VALUE)
                : "it must be at most " + (isLong ? Long.MAX_VALUE : Integer.MAX_VALUE);
    }

    private static String choices(Class<?> type) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> String.valueOf(constant).toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(ArrayList::new));
        String last = names.removeLast();
        return String.join(", ", names) + " or " + last;
    }

    private static String firstLine(ParameterException wrong) {
        return String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong arguments");
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** Returns the first example of the command's help page, without its explanation. */
    private static String example(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        return Arrays.stream(spec.usageMessage().footer())
                .flatMap(String::lines)
                .filter(line -> line.startsWith("  parley "))
                .findFirst()
                .map(line -> "; for example: " + line.strip().replaceFirst(" {2,}.*", ""))
                .orElse("");
    }
}
