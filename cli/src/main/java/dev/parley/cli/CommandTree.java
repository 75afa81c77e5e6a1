package dev.parley.cli;

import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * A command, by its name on the command line, and the subcommands that may follow it. Picocli reads all annotations of
 * each command that is added to it, which takes time. So a process only adds the command that it runs. It adds all
 * commands only if a help page or a message may mention them.
 *
 * @param name the name of the command, as the user types it, and as the command's annotation has it
 * @param command creates the object that runs the command
 * @param next the subcommands; empty if the command has none and does something itself
 */
record CommandTree(String name, Supplier<Object> command, List<CommandTree> next) {
    private static final List<CommandTree> FIRST = List.of(
            new CommandTree("tour", TourCommand::new),
            new CommandTree("new", NewCommand::new),
            new CommandTree("run", RunCommand::new),
            new CommandTree("install", InstallCommand::new),
            new CommandTree("package", PackageCommand::new),
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
            new CommandTree("actions", ActionsCommand::new),
            new CommandTree("wait", WaitCommand::new),
            new CommandTree("health", HealthCommand::new),
            new CommandTree("cert", CertCommand::new, new CommandTree("show", CertShowCommand::new)),
            new CommandTree("completion", CompletionCommand::new),
            new CommandTree("complete", CompleteCommand::new));

    private CommandTree(String name, Supplier<Object> command, CommandTree... next) {
        this(name, command, List.of(next));
    }

    /**
     * Returns the command line with all commands, or, if the arguments name a command, only with the part that these
     * arguments can reach.
     */
    static CommandLine under(Parley root, String... args) {
        var commandLine = new CommandLine(root);
        addNext(commandLine, FIRST, List.of(args));
        commandLine.getCommandSpec().mixinStandardHelpOptions(true); // also for subcommands, after the root's options
        return commandLine;
    }

    /**
     * Adds only the command that the arguments name, since the other commands cannot be reached. If they name none,
     * adds all commands.
     */
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
