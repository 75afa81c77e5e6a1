package dev.parley.cli;

import dev.parley.cli.terminal.Cells;
import dev.parley.cli.terminal.Terminal;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Decides how wide help pages are, and formats them: as wide as the terminal, but at most 120 columns, and coloured
 * like other output. Picocli's layout needs at least 55 columns. On a narrower terminal, its two columns are printed
 * one below the other.
 */
final class HelpPages {
    private static final int LAID_OUT_COLUMNS_MIN = 55;
    private static final int COLUMNS_MAX = 120;
    private static final String INDENT = "  ";

    private final int columns;

    private HelpPages(int columns) {
        this.columns = columns;
    }

    static void lookAsFor(Terminal terminal, CommandLine commandLine) {
        int columns = Math.min(terminal.columns(), COLUMNS_MAX);
        commandLine.setUsageHelpWidth(Math.max(columns, LAID_OUT_COLUMNS_MIN));
        commandLine.setColorScheme(Help.defaultColorScheme(terminal.colours() ? Help.Ansi.ON : Help.Ansi.OFF));
        commandLine.setHelpSectionMap(new HelpPages(columns).sections(commandLine));
    }

    private Map<String, IHelpSectionRenderer> sections(CommandLine commandLine) {
        var sections = new HashMap<>(commandLine.getHelpSectionMap());
        sections.put(UsageMessageSpec.SECTION_KEY_FOOTER, help -> lines(of(help).footer()));
        if (columns < LAID_OUT_COLUMNS_MIN) {
            sections.put(UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING, help -> "");
            sections.put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, help -> line("Usage: " + synopsis(help)));
            sections.put(UsageMessageSpec.SECTION_KEY_DESCRIPTION, help -> lines(of(help).description()));
            sections.put(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST, this::parameters);
            sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, this::options);
            sections.put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, this::commands);
        }
        return sections;
    }

    private static UsageMessageSpec of(Help help) {
        return help.commandSpec().usageMessage();
    }

    /** Returns the synopsis in one line and without colours, so that it can be broken into lines here. */
    private static String synopsis(Help help) {
        return help.synopsis(0).replaceAll("\033\\[[0-9;]*m", "").strip().replaceAll("\\s+", " ");
    }

    private String parameters(Help help) {
        return entries(help.commandSpec().positionalParameters().stream().filter(argument -> !argument.hidden()));
    }

    private String options(Help help) {
        return entries(help.commandSpec().options().stream().filter(argument -> !argument.hidden()));
    }

    private String entries(Stream<? extends ArgSpec> arguments) {
        var text = new StringBuilder();
        arguments.forEach(argument -> text.append(entry(name(argument), argument.description())));
        return text.toString();
    }

    private static String name(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return argument.paramLabel();
        }
        boolean flag = option.arity().max() == 0;
        return String.join(", ", option.names()) + (flag ? "" : "=" + option.paramLabel());
    }

    private String commands(Help help) {
        var text = new StringBuilder();
        help.subcommands().forEach((name, sub) -> text.append(entry(name, of(sub).description())));
        return text.toString();
    }

    private String entry(String name, String[] description) {
        var text = new StringBuilder(line(INDENT + name));
        for (String sentence : description) {
            text.append(line(INDENT.repeat(2) + sentence));
        }
        return text.toString();
    }

    private String lines(String[] lines) {
        var text = new StringBuilder();
        for (String line : lines) {
            text.append(line(line));
        }
        return text.toString();
    }

    /**
     * Wraps a line. Continuation lines have the same indent. If the line is an example or a list item, they have a
     * larger indent.
     */
    private String line(String line) {
        int blanks = line.length() - line.stripLeading().length();
        boolean isListed = blanks == INDENT.length();
        String indent = " ".repeat(blanks) + (isListed ? INDENT : "");
        return String.join("\n", Cells.wrap(line, columns, indent)) + "\n";
    }
}
