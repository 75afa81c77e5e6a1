package dev.parley.cli;

import dev.parley.cli.program.ProgramException;
import dev.parley.cli.program.SourceProgram;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code parley run}: runs a program of one source file, without a build. */
@Command(
        name = "run",
        description = {
            "Run a Java source file with Parley on its path; nothing is built or left behind.",
            "It starts at its main method: 'void main()' is enough. All that follows the file are its arguments."
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  parley run Hello.java",
            "  parley run Hello.java --its-own-option tcp://localhost:65432",
            "",
            "With -v before the file, a line is printed for each connection of the program and each request with its"
                    + " response: the lines that it logs to dev.parley.connections and dev.parley.messages.",
            "",
            "Exit status: that of the program, 1 if it throws, 2 if it does not compile or has no main;"
                    + " for an exception of Parley, that of the other commands (-v shows where)."
        })
final class RunCommand extends LeafCommand {
    @Parameters(index = "0", paramLabel = "FILE.java", description = "The source file.")
    private Path file = Path.of("");

    @Parameters(index = "1..*", paramLabel = "ARGS", description = "The program's arguments.")
    private List<String> args = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        SourceProgram program;
        var messages = new StringWriter();
        try {
            program = SourceProgram.compile(file, messages);
        } catch (ProgramException e) {
            print(messages);
            io().failure(String.valueOf(e.getMessage()), e, false);
            return ExitCode.USAGE;
        }
        print(messages);
        try (var _ = isVerbose() ? new LoggedLines(io()) : null) {
            return run(program);
        }
    }

    private void print(StringWriter messages) {
        if (!messages.toString().isBlank()) {
            io().errLine(messages.toString().stripTrailing());
        }
    }

    /** Runs the program. Its threads go on even if its main method throws, as they do in a JVM of its own. */
    private int run(SourceProgram program) throws InterruptedException {
        Set<Thread> notItsOwn = Thread.getAllStackTraces().keySet();
        int status = ExitCode.OK;
        try {
            program.run(args);
        } catch (Throwable thrown) {
            status = report(thrown);
        }
        awaitItsThreads(notItsOwn);
        return status;
    }

    /**
     * Returns the exit status. An exception of Parley is reported in one line, as by every command. Any other exception
     * is printed in the form of the JVM.
     */
    private int report(Throwable thrown) {
        if (thrown instanceof Exception && isOfParley(thrown)) {
            return explain(thrown);
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        io().errLine("Exception in thread \"main\" " + trace.toString().stripTrailing());
        return ExitCode.ERROR_RESPONSE;
    }

    private static boolean isOfParley(Throwable thrown) {
        return thrown.getClass().getPackageName().startsWith("dev.parley");
    }

    /**
     * Waits until all non-daemon threads of the program have ended, as the JVM does. Does not wait if the process is
     * ending: shutdown hooks are threads too, and the hook that drains a server waits for the thread that runs this.
     */
    private static void awaitItsThreads(Set<Thread> notItsOwn) throws InterruptedException {
        for (Thread thread = nextThread(notItsOwn); thread != null; thread = nextThread(notItsOwn)) {
            if (Shutdown.isUnderWay()) {
                return;
            }
            thread.join();
        }
    }

    private static @Nullable Thread nextThread(Set<Thread> notItsOwn) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.isDaemon() && !notItsOwn.contains(thread))
                .findFirst()
                .orElse(null);
    }
}
