package dev.parley.cli.manual;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The manual page of one command, in the order of man-pages(7). */
public final class ManualPage {
    private static final String EXAMPLE_INDENT = "  ";
    private static final String STATUS = "Exit status:";

    private final CommandSpec command;
    private final String version;
    private final String date;

    /**
     * Creates the page.
     *
     * @param version the version of the program
     * @param date the day on which the page was made, as year, month and day
     */
    public ManualPage(CommandLine command, String version, String date) {
        this.command = command.getCommandSpec();
        this.version = version;
        this.date = date;
    }

    /** Returns the name of the page's file, such as {@code parley-echo-server.1}. */
    public String fileName() {
        return name() + ".1";
    }

    private String name() {
        return command.qualifiedName("-");
    }

    /** Returns the page, for man(1). */
    public String text() {
        var roff = new Roff();
        List<String> description = List.of(command.usageMessage().description());
        roff.title(name().toUpperCase(Locale.ROOT), "1", date, "Parley " + version, "Parley");
        roff.macro("SH", "NAME");
        roff.line(name() + " - " + summary(description));
        roff.macro("SH", "SYNOPSIS");
        roff.line(synopsis());
        roff.macro("SH", "DESCRIPTION");
        description.forEach(roff::line);
        addArguments(roff);
        addCommands(roff);
        addFooter(roff);
        addOthers(roff);
        return roff.toString();
    }

    /** Returns the first sentence, as whatis(1) shows it: from a small letter on, without the stop at its end. */
    private static String summary(List<String> description) {
        String first = description.isEmpty() ? "" : description.getFirst();
        int end = first.indexOf(". ");
        String sentence = (end < 0 ? first : first.substring(0, end)).replaceAll("[.,:]$", "");
        boolean isWord = sentence.length() > 1 && Character.isLowerCase(sentence.charAt(1));
        return isWord ? sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1) : sentence;
    }

    private String synopsis() {
        return new CommandLine.Help(command, CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .synopsis(0)
                .strip()
                .replaceAll("\\s+", " ");
    }

    private void addArguments(Roff roff) {
        List<? extends ArgSpec> positionals = command.positionalParameters();
        if (!positionals.isEmpty()) {
            roff.macro("SH", "ARGUMENTS");
            positionals.forEach(argument -> addArgument(roff, argument, argument.paramLabel()));
        }
        roff.macro("SH", "OPTIONS");
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                String value = option.arity().max() == 0 ? "" : "=" + option.paramLabel();
                addArgument(roff, option, String.join(", ", option.names()) + value);
            }
        }
    }

    private static void addArgument(Roff roff, ArgSpec argument, String name) {
        roff.macro("TP").macro("B", name);
        for (String sentence : argument.description()) {
            roff.line(sentence);
        }
    }

    private void addCommands(Roff roff) {
        boolean hasHeading = false;
        for (CommandLine sub : command.subcommands().values()) {
            var usage = sub.getCommandSpec().usageMessage();
            if (!usage.hidden()) {
                if (!hasHeading) {
                    roff.macro("SH", "COMMANDS");
                    hasHeading = true;
                }
                roff.macro("TP").macro("B", sub.getCommandSpec().qualifiedName());
                roff.line(summary(List.of(usage.description())));
            }
        }
    }

    /**
     * Adds the text below the options in {@code --help}: examples, which are indented there, remarks, and the statuses.
     */
    private void addFooter(Roff roff) {
        roff.macro("SH", "EXAMPLES AND NOTES");
        boolean isFirst = true;
        boolean isExample = false;
        for (String line : String.join("\n", command.usageMessage().footer()).split("\n", 0)) {
            boolean wasExample = isExample;
            isExample = line.startsWith(EXAMPLE_INDENT);
            if (isExample != wasExample) {
                roff.macro(isExample ? "EX" : "EE");
            }
            if (line.startsWith(STATUS)) {
                roff.macro("SH", "EXIT STATUS")
                        .line(line.substring(STATUS.length()).strip());
            } else if (!line.isBlank()) {
                if (!isExample && !isFirst) {
                    roff.macro("PP");
                }
                isFirst = false;
                roff.line(line.stripTrailing());
            }
        }
        if (isExample) {
            roff.macro("EE");
        }
    }

    private void addOthers(Roff roff) {
        CommandSpec parent = command.parent();
        if (parent != null) {
            roff.macro("SH", "SEE ALSO").macro("BR", parent.qualifiedName("-"), "(1)");
        }
    }
}
