package dev.parley.cli;

import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * A word of the command line that is a command, and the words that may follow it. Picocli reads every annotation of a
 * command that it is given, so a process builds the one that it runs, and all of them only where a help page or a
 * message may speak of them.
 *
 * @param name as it is typed, and as the command calls itself
 * @param command makes what runs
 * @param next the commands below it; none where it does something itself
 */
record Word(String name, Supplier<Object> command, List<Word> next) {
    private static final List<Word> FIRST = List.of(
            new Word("tour", TourCommand::new),
            new Word("new", NewCommand::new),
            new Word("run", RunCommand::new),
            new Word("install", InstallCommand::new),
            new Word(
                    "echo",
                    EchoCommand::new,
                    new Word("server", EchoServerCommand::new),
                    new Word("client", EchoClientCommand::new)),
            new Word(
                    "multi",
                    MultiCommand::new,
                    new Word("server", MultiServerCommand::new),
                    new Word("client", MultiClientCommand::new)),
            new Word(
                    "app",
                    AppCommand::new,
                    new Word("server", AppServerCommand::new),
                    new Word("client", AppClientCommand::new)),
            new Word("call", CallCommand::new),
            new Word("wait", WaitCommand::new));

    private Word(String name, Supplier<Object> command, Word... next) {
        this(name, command, List.of(next));
    }

    /** The whole command below its root, or as much of it as these arguments can reach. */
    static CommandLine under(Parley root, String... args) {
        var commandLine = new CommandLine(root);
        addNext(commandLine, FIRST, List.of(args));
        commandLine.getCommandSpec().mixinStandardHelpOptions(true); // theirs too, below the options of the root
        return commandLine;
    }

    /** Once a command is named, those beside it are out of reach; anything else may be about each of them. */
    private static void addNext(CommandLine to, List<Word> words, List<String> args) {
        for (Word word : words) {
            if (!args.isEmpty() && word.name.equals(args.getFirst())) {
                to.addSubcommand(word.name, word.withNext(args.subList(1, args.size())));
                return;
            }
        }
        for (Word word : words) {
            to.addSubcommand(word.name, word.withNext(List.of()));
        }
    }

    private CommandLine withNext(List<String> args) {
        var commandLine = new CommandLine(command.get());
        addNext(commandLine, next, args);
        return commandLine;
    }
}
