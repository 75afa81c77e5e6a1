package dev.parley.cli.terminal;

import java.io.BufferedWriter;
import java.io.Console;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows long text on a terminal page by page, as git and man do, by the program {@code less} or the one that the
 * environment variable PAGER names.
 */
public final class Pager implements AutoCloseable {
    /**
     * On Ctrl-C, a shell would end before the pager, unless it has something to do for the signal. The pager itself
     * starts with the default action.
     */
    private static final String WAITING_FOR_PAGER = "trap : INT\n";

    /** Completes when the user has left the pager, and Ctrl-C is this process's again. */
    private final CompletableFuture<Void> ended;

    private final Writer lines;
    private boolean left;

    private Pager(Process process, @Nullable IgnoredInterrupts interrupts) {
        ended = process.onExit().thenRun(() -> closeOrNothing(interrupts));
        lines = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    /** Returns true if the process has a terminal on whose keyboard a user can turn pages. */
    public static boolean canBeUsed() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /**
     * Starts a pager on the terminal of this process. Until it ends, this process ignores Ctrl-C, which is the
     * pager's.
     *
     * @param environment has PAGER and LESS, if the user has set them
     * @return the pager; null if there is none, or the user wants none (PAGER is empty or {@code cat})
     */
    public static @Nullable Pager startOrNull(Map<String, String> environment) {
        String program = environment.getOrDefault("PAGER", "less");
        if (program.equals("cat") || !isInstalled(program.strip().split("\\s+", 2)[0], environment)) {
            return null;
        }
        var builder = new ProcessBuilder("sh", "-c", WAITING_FOR_PAGER + program)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putIfAbsent("LESS", "FRX"); // ends by itself if all fits, shows colours, leaves the text
        builder.environment().putIfAbsent("LESSCHARSET", "utf-8");
        IgnoredInterrupts interrupts = IgnoredInterrupts.beginOrNull();
        try {
            return new Pager(builder.start(), interrupts);
        } catch (IOException noShell) {
            closeOrNothing(interrupts);
            return null;
        }
    }

    private static void closeOrNothing(@Nullable IgnoredInterrupts interrupts) {
        if (interrupts != null) {
            interrupts.close();
        }
    }

    private static boolean isInstalled(String program, Map<String, String> environment) {
        if (program.contains("/")) {
            return Files.isExecutable(Path.of(program));
        }
        return !program.isEmpty()
                && Stream.of(environment.getOrDefault("PATH", "").split(":"))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Shows a line. Does nothing after the user has left the pager. */
    public void line(String line) {
        try {
            if (!left) {
                lines.write(line);
                lines.write('\n');
            }
        } catch (IOException gone) {
            left = true;
        }
    }

    /** Waits until the user has left the pager. */
    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException gone) {
            left = true;
        }
        ended.join();
    }
}
