package dev.parley.cli.completion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Finds the words with which a command line can go on. It reads the words before the cursor as picocli would, but
 * without an error, since the line is not complete.
 */
public final class Completer {
    private static final Pattern CHOICES = Pattern.compile("[a-z0-9_]+(\\|[a-z0-9_]+)+");
    private static final Pattern FILE = Pattern.compile("DIR|(.*\\|)?FILE.*");
    private static final String FILE_AS_CONTENT = "@FILE";
    private static final String AT = "@";
    private static final String ADDRESS = "ADDRESS";
    private static final int ACTION_INDEX = 1;

    private final CommandLine root;
    private CommandLine at;
    private final List<String> arguments = new ArrayList<>();
    private final Set<OptionSpec> given = new HashSet<>();
    private @Nullable OptionSpec awaitingValue;
    private boolean optionsHaveEnded;

    private Completer(CommandLine root) {
        this.root = root;
        this.at = root;
    }

    /**
     * Returns what the last of the words can become.
     *
     * @param root the root command, with all its subcommands
     * @param words the words after the name of the program, up to the cursor; the last one may be empty
     */
    public static Completion complete(CommandLine root, List<String> words) throws InterruptedException {
        var completer = new Completer(root);
        List<String> before = words.isEmpty() ? List.of() : words.subList(0, words.size() - 1);
        before.forEach(completer::read);
        String last = words.isEmpty() ? "" : words.getLast();
        return completer.next(last, before).startingWith(last);
    }

    private void read(String word) {
        if (awaitingValue != null) {
            awaitingValue = null;
        } else if (!optionsHaveEnded && word.equals("--")) {
            optionsHaveEnded = true;
        } else if (!optionsHaveEnded && word.startsWith("-") && word.length() > 1) {
            readOption(word);
        } else if (arguments.isEmpty() && at.getSubcommands().containsKey(word)) {
            at = at.getSubcommands().get(word);
        } else if (!word.equals("help") || at.getParent() != null) {
            arguments.add(word);
        }
    }

    private void readOption(String word) {
        int equals = word.indexOf('=');
        OptionSpec option = at.getCommandSpec().findOption(equals < 0 ? word : word.substring(0, equals));
        if (option != null) {
            given.add(option);
            awaitingValue = equals < 0 && takesValue(option) ? option : null;
        }
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    private Completion next(String last, List<String> before) throws InterruptedException {
        if (awaitingValue != null) {
            return values(awaitingValue, "");
        }
        if (isProgramOfUser()) {
            return Completion.FILES;
        }
        if (last.startsWith("-") && !optionsHaveEnded) {
            int equals = last.indexOf('=');
            OptionSpec option = equals < 0 ? null : at.getCommandSpec().findOption(last.substring(0, equals));
            return option == null ? options() : values(option, last.substring(0, equals + 1));
        }
        if (arguments.isEmpty() && !at.getSubcommands().isEmpty()) {
            return subcommands().or(argument(last, before));
        }
        return argument(last, before);
    }

    /** Returns true if the words belong to the program that {@code parley run} starts. */
    private boolean isProgramOfUser() {
        return at.getCommandName().equals("run") && !arguments.isEmpty();
    }

    private Completion options() {
        var candidates = new ArrayList<Candidate>();
        for (OptionSpec option : at.getCommandSpec().options()) {
            if (!option.hidden() && (option.isMultiValue() || !given.contains(option))) {
                String name = option.longestName();
                candidates.add(new Candidate(takesValue(option) ? name + "=" : name, firstLine(option.description())));
            }
        }
        return Completion.of(candidates);
    }

    private Completion subcommands() {
        var candidates = new ArrayList<Candidate>();
        at.getSubcommands().forEach((name, command) -> {
            var usage = command.getCommandSpec().usageMessage();
            if (!usage.hidden()) {
                candidates.add(new Candidate(name, firstLine(usage.description())));
            }
        });
        return Completion.of(candidates);
    }

    private static String firstLine(String[] description) {
        return description.length == 0 ? "" : description[0].replace("%n", " ");
    }

    private Completion values(ArgSpec argument, String prefix) {
        List<String> values = choices(argument);
        if (values.isEmpty() && FILE.matcher(argument.paramLabel()).matches()) {
            return Completion.FILES;
        }
        return Completion.of(
                values.stream().map(value -> new Candidate(prefix + value)).toList());
    }

    /** Returns the values of an argument if there are only few: those of an enum, or those that its label lists. */
    private static List<String> choices(ArgSpec argument) {
        Object[] constants = argument.type().getEnumConstants();
        if (constants != null) {
            return Arrays.stream(constants)
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .toList();
        }
        String label = argument.paramLabel();
        return CHOICES.matcher(label).matches() ? List.of(label.split("\\|")) : List.of();
    }

    private Completion argument(String last, List<String> before) throws InterruptedException {
        var arguments = at.getCommandSpec().positionalParameters();
        ArgSpec next = arguments.stream()
                .filter(argument -> argument.index().contains(this.arguments.size()))
                .findFirst()
                .orElse(null);
        if (next == null) {
            return Completion.NOTHING;
        }
        if (this.arguments.size() == ACTION_INDEX
                && at.getCommandSpec().userObject() instanceof ActionsCompleter command) {
            return Completion.of(actions(command, before));
        }
        List<String> kinds = List.of(next.paramLabel().split("\\|"));
        if (kinds.contains(FILE_AS_CONTENT) && last.startsWith(AT)) {
            return Completion.of(FileWords.beside(AT, last.substring(1), file -> true));
        }
        return kinds.contains(ADDRESS) ? AddressWords.of(last).or(values(next, "")) : values(next, "");
    }

    /** Lets the command parse the words of its line, so that it knows the server, and asks it. */
    private List<Candidate> actions(ActionsCompleter command, List<String> before) throws InterruptedException {
        try {
            var _ = root.parseArgs(before.toArray(String[]::new));
            return command.actions();
        } catch (CommandLine.PicocliException incomplete) {
            return List.of();
        }
    }
}
