package dev.parley.tests.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.time.Ticker;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests long text on a real terminal, which {@code script(1)} opens, with a pager that prints what it gets. */
@Timeout(180)
class PagerTest {
    private static final String CTRL_C = "\003";

    private static final long AGAIN_NANOS = 2_000_000_000;

    /** A pager that goes on after Ctrl-C, as less(1) does, and ends at the next line. */
    private static final String PAGER = """
            #!/bin/sh
            trap 'echo interrupted' INT
            echo paging
            until read -r key </dev/tty; do :; done
            echo "got $key"
            """;

    /** A pager that ends when it has got all pages. */
    private static final String READER = """
            #!/bin/sh
            cat >/dev/null
            echo paged
            """;

    private final Programs programs = new Programs();

    @AfterEach
    void endPrograms() {
        programs.close();
    }

    /**
     * Returns the command on a terminal. A job in the background of a script ignores SIGINT, and so would all that it
     * starts.
     */
    private static List<String> onATerminal(Path pager) {
        return List.of(
                "env",
                "--default-signal=INT",
                "PAGER=" + pager,
                "JDK_JAVA_OPTIONS=-Dparley.terminal=true -Dparley.terminal.err=true",
                "sh",
                "-c",
                "exec script --quiet --return --flush --command \"exec $*\" /dev/null",
                "sh");
    }

    /** Git and man do so too: the pager alone decides what Ctrl-C means. */
    @ParameterizedTest
    @ValueSource(strings = {"--help", "tour"})
    void ctrlCEndsNeitherThePagerNorItsCommand(String word, @TempDir Path directory) throws Exception {
        assumeTrue(Usable.isInstalled("script"), "util-linux makes the terminal");
        var terminal = programs.parleyUnder(onATerminal(program(directory, PAGER)), word);
        Await.until("the pager runs", () -> terminal.outSoFar().contains("paging"));
        interrupt(terminal);
        type(terminal, "a key\n");
        Await.until("the pager has a key", () -> terminal.outSoFar().contains("got a key"));
        assertThat(terminal.exitCode()).as(terminal.out()).isZero();
    }

    /** On the pager's screen, the messages would be written over the pages. */
    @Test
    void theMessagesComeAfterThePages(@TempDir Path directory) throws Exception {
        assumeTrue(Usable.isInstalled("script"), "util-linux makes the terminal");
        var terminal = programs.parleyUnder(onATerminal(program(directory, READER)), "tour", "-v");
        assertThat(terminal.exitCode()).as(terminal.out()).isZero();
        String[] around = terminal.out().split("paged", 2);
        assertThat(around[0]).doesNotContain("connection");
        assertThat(around[1]).contains("parley: connection");
    }

    /** The process is ended while the user still reads a page: on the screen are the messages that would come after. */
    @Test
    void theMessagesAreNotLostIfTheProcessIsEndedBefore(@TempDir Path directory) throws Exception {
        assumeTrue(Usable.isInstalled("script"), "util-linux makes the terminal");
        Path all = directory.resolve("all");
        String pager = "#!/bin/sh\ncat >/dev/null\n: >'" + all + "'\nread -r key </dev/tty\n";
        var terminal = programs.parleyUnder(onATerminal(program(directory, pager)), "tour", "-v");
        Await.until("the pager has all pages", () -> Files.exists(all) || !terminal.process.isAlive());
        assertThat(terminal.outSoFar()).doesNotContain("parley: connection");
        terminal.process
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .forEach(ProcessHandle::destroy);
        Await.until(
                "the messages are shown",
                () -> terminal.outSoFar().contains("parley: connection") || !terminal.process.isAlive());
        assertThat(terminal.outSoFar()).contains("parley: connection");
    }

    private static Path program(Path directory, String text) throws Exception {
        Path file = Files.writeString(directory.resolve("pager"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    /**
     * Types Ctrl-C until the pager has it. A signal that comes after a shell has looked for signals, and before it
     * waits for a line, is noticed only with the line.
     */
    private static void interrupt(Programs.Running terminal) {
        var typedNanos = new AtomicLong(Ticker.SYSTEM.nanos());
        type(terminal, CTRL_C);
        Await.until("the pager has Ctrl-C", () -> {
            if (Ticker.SYSTEM.nanos() - typedNanos.get() > AGAIN_NANOS) {
                typedNanos.set(Ticker.SYSTEM.nanos());
                type(terminal, CTRL_C);
            }
            return terminal.outSoFar().contains("interrupted");
        });
    }

    private static void type(Programs.Running terminal, String keys) {
        try {
            terminal.process.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
            terminal.process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
