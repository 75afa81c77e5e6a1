package dev.parley.cli;

import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * A word of the command line that is a command, and the words that may follow it. Picocli reads every annotation of a
 * command that it gets, so a process builds only the command that it runs, and all of them only if a help page or a
 * message may mention them.
 *
 * @param name the name as it is typed, and as the command itself has it
 * @param command makes the object that runs
 * @param next the commands below it; empty if it does something itself
 */
record CommandTree(String name, Supplier<Object> command, List<CommandTree> next) {
    private static final List<CommandTree> FIRST = List.of(
            new CommandTree("tour", TourCommand::new),
            new CommandTree("new", NewCommand::new),
            new CommandTree("run", RunCommand::new),
            new CommandTree("install", InstallCommand::new),
            new CommandTree(
                    "echo",
                    EchoCommand::new,
                    new CommandTree("server", EchoServerCommand::new),
                    new CommandTree("client", EchoClientCommand::new)),
            new CommandTree(
                    "multi",
                    MultiCommand::new,
                    new CommandTree("server", MultiServerCommand::new),
                    new CommandTree("client", MultiClientCommand::new)),
            new CommandTree(
                    "app",
                    AppCommand::new,
                    new CommandTree("server", AppServerCommand::new),
                    new CommandTree("client", AppClientCommand::new)),
            new CommandTree("call", CallCommand::new),
            new CommandTree("wait", WaitCommand::new));

    private CommandTree(String name, Supplier<Object> command, CommandTree... next) {
        this(name, command, List.of(next));
    }

    /** Returns the whole command tree below its root, or the part of it that these arguments can reach. */
    static CommandLine under(Parley root, String... args) {
        var commandLine = new CommandLine(root);
        addNext(commandLine, FIRST, List.of(args));
        commandLine.getCommandSpec().mixinStandardHelpOptions(true); // for subcommands too, below the root's options
        return commandLine;
    }

    /** Adds the named command only, since the others cannot be reached; if none is named, adds all of them. */
    private static void addNext(CommandLine to, List<CommandTree> words, List<String> args) {
        for (CommandTree word : words) {
            if (!args.isEmpty() && word.name.equals(args.getFirst())) {
                to.addSubcommand(word.name, word.withNext(args.subList(1, args.size())));
                return;
            }
        }
        for (CommandTree word : words) {
            to.addSubcommand(word.name, word.withNext(List.of()));
        }
    }

    private CommandLine withNext(List<String> args) {
        var commandLine = new CommandLine(command.get());
        addNext(commandLine, next, args);
        return commandLine;
    }
}
