package dev.parley.cli;

import dev.parley.CallException;
import dev.parley.ClientClosedException;
import dev.parley.ConnectionLostException;
import dev.parley.ContentException;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.cli.files.FileFailedException;
import dev.parley.cli.terminal.Pager;
import dev.parley.frame.ErrorCode;
import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.NetworkError;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The root command, {@code parley}. It runs its subcommands, and decides for each failure which line is printed, and
 * what the exit status is.
 */
@Command(
        name = "parley",
        description =
                "Client-server applications over sockets: the three iterations of the socket tutorial, as commands.",
        versionProvider = Version.class,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "Start here:  parley tour",
            "More about a command:  parley help COMMAND",
            "An address is tcp://host:port or unix:/path; by default tcp://localhost:65432.",
            "",
            ExitCode.TEXT
        })
public final class Parley implements GlobalOptions, Callable<Integer> {
    private static final String COLOR = "--color";
    private static final List<String> HELP = List.of("help", "--help", "-h");

    @Option(
            names = {"-v", "--verbose"},
            scope = CommandLine.ScopeType.INHERIT,
            description =
                    "Print a line for each connection and for each request with its response; show where an error came"
                            + " from.")
    private boolean verbose;

    @Option(
            names = COLOR,
            paramLabel = "WHEN",
            scope = CommandLine.ScopeType.INHERIT,
            description = "auto, always or never. auto: on a terminal, unless NO_COLOR is set or TERM is dumb.")
    void setColor(ColorWhen when) {
        if (when != ColorWhen.AUTO) {
            io.setColours(when == ColorWhen.ALWAYS);
            HelpPages.lookAsFor(io.terminal(), Objects.requireNonNull(spec).commandLine());
        }
    }

    private final Io io;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    Parley(Io io) {
        this.io = io;
    }

    /** Runs a command and ends the JVM with its exit status. */
    public static void main(String[] args) {
        EarlyTransport.begin(args);
        Io io = Io.ofProcess();
        System.exit(areText(args) ? run(io, args) : refuseBytes(io));
    }

    /**
     * Returns true if the arguments are text. If the user typed bytes that are invalid in the locale's character set,
     * the JVM has replaced them by replacement characters.
     */
    private static boolean areText(String[] args) {
        return List.of(args).stream().noneMatch(arg -> arg.indexOf('\ufffd') >= 0);
    }

    private static int refuseBytes(Io io) {
        io.errLine("parley: an argument is not text in UTF-8; send other bytes through standard input");
        return ExitCode.USAGE;
    }

    /** Runs a command on these streams. */
    static int run(Io io, String... args) {
        return Version.isAsked(args) ? new Parley(io).printHelp(Version.line(), ExitCode.OK) : runCommand(io, args);
    }

    private static int runCommand(Io io, String... args) {
        var parley = new Parley(io);
        var commandLine = CommandTree.under(parley, args);
        var help = new StringWriter();
        commandLine
                .setOut(new PrintWriter(help))
                .setErr(new PrintWriter(help))
                .setExecutionExceptionHandler((thrown, command, parsed) -> parley.explain(thrown, command))
                .setParameterExceptionHandler((wrong, given) -> parley.explainUsage(wrong))
                .setUnmatchedOptionsArePositionalParams(false)
                .setToggleBooleanFlags(false)
                .setExpandAtFiles(false) // '@FILE' is the content of a call, not a list of arguments
                .setCaseInsensitiveEnumValuesAllowed(true);
        programOptionsAreItsOwn(commandLine.getSubcommands().get("run"));
        HelpPages.lookAsFor(io.terminal(), commandLine);
        int status = commandLine.execute(helpAsOption(commandLine, args));
        return parley.printHelp(help.toString(), status);
    }

    /** Passes all options behind the file of {@code parley run} to its program. */
    static void programOptionsAreItsOwn(@Nullable CommandLine run) {
        if (run != null) {
            run.setStopAtPositional(true);
        }
    }

    /**
     * Converts words that other programs have as commands to our options. The word {@code help} before or between the
     * words of a command becomes {@code --help} after them.
     */
    private static String[] helpAsOption(CommandLine commandLine, String[] args) {
        CommandLine at = commandLine;
        for (int i = 0; i < args.length && at != null && !at.getSubcommands().isEmpty(); i++) {
            if (args[i].equals("help")) {
                return withHelp(at, List.of(args).subList(0, i), List.of(args).subList(i + 1, args.length));
            }
            if (args[i].equals(COLOR)) {
                i++;
            } else if (!args[i].startsWith("-")) {
                at = at.getSubcommands().get(args[i]);
            }
        }
        return args;
    }

    /**
     * Returns the words with {@code --help} behind the last word of the command: behind the file of {@code run}, it
     * would be an argument of the program. If the words are not commands, {@code --help} is not added, so that they
     * cause the same error as without {@code help}.
     */
    private static String[] withHelp(CommandLine from, List<String> before, List<String> after) {
        var words = new ArrayList<>(before);
        words.removeIf(HELP::contains);
        int place = words.size();
        words.addAll(after);
        words.removeIf(HELP::contains);
        CommandLine at = from;
        for (int i = place; i < words.size() && !at.getSubcommands().isEmpty(); i++) {
            if (words.get(i).equals(COLOR)) {
                i++;
            } else if (!words.get(i).startsWith("-")) {
                at = at.getSubcommands().get(words.get(i));
                if (at == null) {
                    return words.toArray(String[]::new);
                }
                place = i + 1;
            }
        }
        words.add(place, "--help");
        return words.toArray(String[]::new);
    }

    private int printHelp(String help, int status) {
        if (help.isEmpty()) {
            return status;
        }
        try (Pager pager = io.isTerminal() && Pager.canBeUsed() ? Pager.startOrNull(System.getenv()) : null) {
            if (pager == null) {
                io.outLine(help.stripTrailing());
            } else {
                help.stripTrailing().lines().forEach(pager::line);
            }
            return status;
        } catch (Io.OutputClosedException e) {
            return e.isReaderGone() ? ExitCode.READER_GONE : failed(e, ExitCode.ERROR_RESPONSE);
        }
    }

    /** Prints the usage. Picocli calls this if no command is given. */
    @Override
    public Integer call() {
        io.errLine("parley: a command is missing");
        io.errLine(Objects.requireNonNull(spec)
                .commandLine()
                .getUsageMessage(CommandLine.Help.Ansi.OFF)
                .stripTrailing());
        return ExitCode.USAGE;
    }

    @Override
    public Io io() {
        return io;
    }

    @Override
    public boolean verbose() {
        return verbose;
    }

    private int explainUsage(ParameterException wrong) {
        return printUsage(UsageText.of(wrong), wrong, wrong.getCommandLine());
    }

    private int printUsage(String message, Exception wrong, CommandLine command) {
        io.failure(message + "; see '" + command.getCommandSpec().qualifiedName() + " --help'", wrong, verbose);
        return ExitCode.USAGE;
    }

    /**
     * Prints a failure as one line, and returns the exit status. An exception of an unexpected type is a defect, and is
     * printed with its stack trace.
     */
    @Override
    public int explain(Throwable thrown, CommandLine command) {
        return switch (thrown) {
            case ParameterException wrong -> explainUsage(wrong);
            case IllegalStateException _ when Shutdown.isUnderWay() -> ExitCode.BY_SIGTERM; // it refuses further hooks
            case AddressException e -> printUsage(UsageText.of(e, command), e, command);
            case BindFailedException e -> failed(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            case ConnectFailedException e
            when e.networkError() == NetworkError.TIMED_OUT -> failed(e, ExitCode.TIMEOUT);
            case ConnectFailedException e -> failed(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            case UncheckedIOException e -> failed(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            case CallException e -> failed(e, statusOf(e));
            case ContentException e -> failed(e, ExitCode.PROTOCOL);
            case ConnectionClosedException e -> failed(e, ExitCode.of(e.reason()));
            case Io.OutputClosedException e when e.isReaderGone() -> ExitCode.READER_GONE;
            case Io.OutputClosedException e -> failed(e, ExitCode.ERROR_RESPONSE);
            case InputFailedException e -> failed(e, ExitCode.ERROR_RESPONSE);
            case FileFailedException e -> failed(e, ExitCode.ERROR_RESPONSE);
            case PeerFailedException e -> failed(e, e.exitCode());
            case ExecutionException e when e.getCause() != null -> explain(e.getCause(), command);
            case IOException e -> failed(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            default -> {
                io.failure("unexpected: " + thrown, thrown, true);
                yield ExitCode.ERROR_RESPONSE;
            }
        };
    }

    private int failed(Exception e, int status) {
        io.failure(String.valueOf(e.getMessage()), e, verbose);
        return status;
    }

    private static int statusOf(CallException e) {
        return switch (e) {
            case RefusedException refused -> statusOf(refused);
            case TimedOutException _ -> ExitCode.TIMEOUT;
            case ConnectionLostException lost -> ExitCode.of(lost.reason());
            case ClientClosedException _ -> ExitCode.of(CloseReason.LOCAL);
        };
    }

    /**
     * Returns the exit status for a refused request. If the request was never sent, the mistake is on this side, so the
     * status is that of a usage error.
     */
    private static int statusOf(RefusedException refused) {
        if (refused.response() == null) {
            return ExitCode.USAGE;
        }
        boolean allowed = !refused.code().equals(ErrorCode.UNAUTHORIZED.wire())
                && !refused.code().equals(ErrorCode.FORBIDDEN.wire());
        return allowed ? ExitCode.ERROR_RESPONSE : ExitCode.NOT_ALLOWED;
    }
}
