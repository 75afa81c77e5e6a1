package dev.parley.tests.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * One real terminal of 80 columns and 24 lines with a shell in it, into which the commands of a page are typed, block
 * after block, as a reader does who keeps one window open. So a server that a block leaves behind is in the way of the
 * next one. The terminal is a pseudoterminal that {@code script(1)} opens. The shell does not repeat what is typed, and
 * its prompt is a mark that no program prints.
 */
final class TerminalSession implements AutoCloseable {
    private static final int COMMAND_SECONDS = 240;
    private static final String MARK = "\u001e";
    private static final List<String> TERMINAL = List.of(
            "script", "--quiet", "--return", "--flush", "--command", "exec bash --norc --noprofile --noediting -i");

    private final Process shell;
    private final OutputStream keys;
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    /**
     * Opens the terminal.
     *
     * @param before the command that runs the terminal, such as one that gives it a network of its own; may be empty
     */
    TerminalSession(Path directory, List<String> before, Map<String, String> environment)
            throws IOException, InterruptedException {
        var command = new ArrayList<>(before);
        command.addAll(TERMINAL);
        command.add("/dev/null");
        var builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().put("XDG_DATA_HOME", directory.resolve("data").toString());
        builder.environment().put("TERM", "xterm");
        builder.environment().put("PAGER", "cat"); // a reader would press a key for each page
        builder.environment().remove("COLUMNS");
        shell = builder.start();
        keys = shell.getOutputStream();
        Thread.ofVirtual().start(() -> read(shell.getInputStream()));
        type("stty -echo cols 80 rows 24; PS1='\\036'; PS2=");
        await("the shell shows its prompt", 0, printed -> printed.contains(MARK));
    }

    private void read(InputStream from) {
        var buffer = new byte[8192];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                synchronized (screen) {
                    screen.write(buffer, 0, count);
                    screen.notifyAll();
                }
            }
        } catch (IOException closed) {
            return;
        }
    }

    private void type(String line) throws IOException {
        keys.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }

    /** Returns how many bytes were printed so far: a place to return to with {@link #since}. */
    int place() {
        synchronized (screen) {
            return screen.size();
        }
    }

    /** Returns the lines that were printed since then, without the shell's own and without colours. */
    String since(int place) {
        return onScreen(raw(place).replace(MARK, ""));
    }

    private String raw(int place) {
        synchronized (screen) {
            byte[] all = screen.toByteArray();
            return new String(all, place, all.length - place, StandardCharsets.UTF_8);
        }
    }

    private void await(String what, int place, Predicate<String> printed) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(COMMAND_SECONDS);
        synchronized (screen) {
            while (!printed.test(raw(place))) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError("waited in vain until " + what + "; printed so far:\n" + raw(place));
                }
                screen.wait(left);
            }
        }
    }

    /** Types a command, and waits until the shell asks for the next one. */
    void run(String command) throws IOException, InterruptedException {
        int before = place();
        type(command);
        await("'" + command + "' ends", before, printed -> printed.contains(MARK));
    }

    /** Types a command that goes on in the background, and waits until it has printed a line, as a reader would. */
    void start(String command) throws IOException, InterruptedException {
        int before = place();
        run(command);
        await("'" + command + "' prints a line", before, TerminalSession::hasWholeLine);
    }

    /** Returns whether the output has a whole line; one like {@code building ...} says itself that more is to come. */
    private static boolean hasWholeLine(String printed) {
        String shown = onScreen(printed.replace(MARK, ""));
        int end = shown.lastIndexOf('\n');
        return end > 0 && shown.substring(0, end).lines().anyMatch(line -> !line.isBlank() && !line.endsWith("..."));
    }

    /**
     * Returns the printed characters as they stand on the screen at last, without colours and the shell's job lines.
     */
    private static String onScreen(String printed) {
        return printed.replaceAll("[^\n]*\r\033\\[K", "")
                .replaceAll("\033\\[[0-9;?]*[A-Za-z]", "")
                .replace("\r\n", "\n")
                .replaceAll("(?m)^\\[\\d+](\\+|-)? .*\n", "");
    }

    /** Returns the jobs that still run; empty if the page has stopped what it started. */
    String jobs() throws IOException, InterruptedException {
        int before = place();
        run("jobs -r");
        return raw(before).replace(MARK, "").strip();
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> all = shell.descendants().toList();
        type("kill $(jobs -p) 2>/dev/null; exit");
        try {
            if (shell.waitFor(30, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
        shell.destroyForcibly();
    }
}
