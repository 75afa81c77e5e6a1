package dev.parley.cli;

import dev.parley.CallException;
import dev.parley.ConnectionLostException;
import dev.parley.RefusedException;
import dev.parley.TimedOutException;
import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.ConnectionClosedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The command itself: its subcommands, and what every failure of theirs becomes. */
@Command(
        name = "parley",
        description =
                "Client-server applications over sockets: the three iterations of the socket tutorial, as commands.",
        versionProvider = Parley.Version.class,
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        usageHelpWidth = 100,
        footerHeading = "%n",
        footer = {
            "Start here:  parley tour",
            "An address is tcp://host:port, unix:/path or mem:name; by default tcp://localhost:65432."
        },
        subcommands = {
            TourCommand.class,
            EchoCommand.class,
            MultiCommand.class,
            AppCommand.class,
            WaitCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Parley implements Callable<Integer> {
    @Option(
            names = {"-v", "--verbose"},
            scope = CommandLine.ScopeType.INHERIT,
            description = "Tell of every connection, and show where an error came from.")
    private boolean verbose;

    private final Io io;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    Parley(Io io) {
        this.io = io;
    }

    /** Runs a command and ends the JVM with its exit status. */
    public static void main(String[] args) {
        System.exit(run(Io.ofProcess(), args));
    }

    /** Runs a command on these streams. */
    static int run(Io io, String... args) {
        var parley = new Parley(io);
        var commandLine = new CommandLine(parley);
        var help = new StringWriter();
        commandLine
                .setOut(new PrintWriter(help))
                .setErr(new PrintWriter(help))
                .setExecutionExceptionHandler((thrown, command, parsed) -> parley.explain(thrown))
                .setParameterExceptionHandler((wrong, given) -> parley.explainUsage(wrong))
                .setUnmatchedOptionsArePositionalParams(false)
                .setToggleBooleanFlags(false)
                .setCaseInsensitiveEnumValuesAllowed(true);
        int status = commandLine.execute(args);
        return parley.printHelp(help.toString(), status);
    }

    private int printHelp(String help, int status) {
        if (help.isEmpty()) {
            return status;
        }
        try {
            io.outLine(help.stripTrailing());
            return status;
        } catch (Io.OutputClosedException e) {
            return explain(e);
        }
    }

    /** Without a command there is nothing to do but to teach. */
    @Override
    public Integer call() {
        throw new ParameterException(spec().commandLine(), "a command is missing");
    }

    private CommandLine.Model.CommandSpec spec() {
        return Objects.requireNonNull(spec);
    }

    Io io() {
        return io;
    }

    boolean verbose() {
        return verbose;
    }

    private int explainUsage(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        io.failure(
                String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong arguments") + suggestion(wrong),
                wrong,
                verbose);
        io.errLine("Try '" + name + " --help'.");
        return ExitCode.USAGE;
    }

    private static String suggestion(ParameterException wrong) {
        if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched) {
            var similar = unmatched.getSuggestions();
            return similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
        }
        return "";
    }

    /** Every failure is one line and one exit status; what is none of ours is a defect, and shows all it has. */
    private int explain(Throwable thrown) {
        return switch (thrown) {
            case ParameterException wrong -> explainUsage(wrong);
            case AddressException e -> told(e, ExitCode.USAGE);
            case BindFailedException e -> told(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            case ConnectFailedException e -> told(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            case CallException e -> told(e, statusOf(e));
            case ConnectionClosedException e -> told(e, statusOf(e.reason()));
            case Io.OutputClosedException e -> told(e, ExitCode.ERROR_RESPONSE);
            case PeerFailedException e -> told(e, e.exitCode());
            case ExecutionException e when e.getCause() != null -> explain(e.getCause());
            case IOException e -> told(e, ExitCode.CANNOT_CONNECT_OR_BIND);
            default -> {
                io.failure("unexpected: " + thrown, thrown, true);
                yield ExitCode.ERROR_RESPONSE;
            }
        };
    }

    private int told(Exception e, int status) {
        io.failure(String.valueOf(e.getMessage()), e, verbose);
        return status;
    }

    private static int statusOf(CallException e) {
        return switch (e) {
            case RefusedException _ -> ExitCode.ERROR_RESPONSE;
            case TimedOutException _ -> ExitCode.TIMEOUT;
            case ConnectionLostException lost -> statusOf(lost.reason());
        };
    }

    private static int statusOf(CloseReason reason) {
        return switch (reason) {
            case IDLE, WRITE_TIMEOUT, HEADER_TIMEOUT, CONTENT_TIMEOUT -> ExitCode.TIMEOUT;
            default -> ExitCode.PROTOCOL;
        };
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Parley.class.getPackage().getImplementationVersion();
            return new String[] {"parley " + (version == null ? "(not packaged)" : version)};
        }
    }
}
