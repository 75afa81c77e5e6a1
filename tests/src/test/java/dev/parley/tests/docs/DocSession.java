package dev.parley.tests.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.tests.bed.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A terminal in which the commands of a page's {@code console} blocks run: {@code bash}, in a directory that looks
 * like a checkout, with a {@code parley} that is this build. Where the system allows it, in a network of its own, so
 * that the ports of the page are free. A command that ends in {@code &} goes on in the background until its block ends;
 * the next one waits, as a reader would, until it has printed a line; not one like {@code building ...}, that says
 * itself that more is to come.
 */
final class DocSession {
    private static final String ELLIPSIS = "…";
    private static final String MARK = "\u001e";
    private static final int BLOCK_SECONDS = 120;

    private final Path directory;

    /** One command of a block and the lines that the page shows after it. */
    record Command(String text, List<String> shown) {
        boolean isBackground() {
            return text.endsWith("&");
        }
    }

    private DocSession(Path directory) {
        this.directory = directory;
    }

    /** Opens a terminal in a directory in which one was before. */
    static DocSession goingOnIn(Path directory) {
        return new DocSession(directory);
    }

    /** Opens a terminal whose files are in this directory, which exists and is empty. */
    static DocSession in(Path directory) throws IOException {
        var session = new DocSession(directory);
        session.prepare();
        return session;
    }

    private void prepare() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        for (String part : List.of("examples/src", "docs", "README.md", "LICENSE")) {
            copy(root.resolve(part), directory.resolve(part));
        }
        List<String> command = ChildJvm.command();
        script(
                "parley",
                "exec " + quoted(command.subList(0, command.size() - 1))
                        + " -Dparley.home='" + directory.resolve(".checkout") + "' ${PARLEY_JAVA_OPTS:-} "
                        + command.getLast() + " \"$@\"");
        script(".checkout/scripts/install.sh", "exit 0"); // the build that runs this test has installed it
    }

    private static String quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private void script(String name, String body) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    void save(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    /** Runs the commands of the block and compares what they print with what it shows. */
    void run(DocBlock block) throws Exception {
        List<Command> commands = commandsOf(block);
        Path script = directory.resolve(".session");
        Files.writeString(script, scriptOf(commands));
        String output = outputOf(block, script);
        String[] parts = output.split(MARK, -1);
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            String printed = i + 1 < parts.length ? parts[i + 1] : "(not reached)";
            if (command.isBackground()) {
                printed = Files.readString(background(i));
            }
            printed = JOB_HAS_ENDED.matcher(printed).replaceAll("");
            assertThat(matches(command, printed.replace(directory + "/tmp/", "/tmp/")))
                    .as("%s:%n$ %s%nshown:%n%s%nprinted:%n%s", block, command.text(), command.shown(), printed)
                    .isTrue();
        }
    }

    static List<Command> commandsOf(DocBlock block) {
        var commands = new ArrayList<Command>();
        for (String line : block.lines()) {
            if (line.startsWith("$ ")) {
                commands.add(new Command(line.substring(2), new ArrayList<>()));
            } else if (line.startsWith("> ") && commands.getLast().shown().isEmpty()) {
                Command begun = commands.removeLast();
                commands.add(new Command(begun.text() + "\n" + line.substring(2), begun.shown()));
            } else {
                commands.getLast().shown().add(line);
            }
        }
        assertThat(commands).as("%s has commands", block).isNotEmpty();
        return commands;
    }

    private Path background(int command) {
        return directory.resolve(".background" + command);
    }

    /** Returns the script. Pages write to places of their own under /tmp; here these are inside of the directory. */
    private String scriptOf(List<Command> commands) {
        var script = new StringBuilder("exec 2>&1\nset -m\ncd '" + directory + "'\nmkdir -p tmp\n");
        script.append("PATH='" + directory + "':$PATH\n");
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            String text = command.text().replace("/tmp/", directory + "/tmp/");
            script.append("printf '\\036'\n");
            if (command.isBackground()) {
                Path out = background(i);
                // Emptied by this shell: the job may be slow to do it, and a block before this one has left its lines.
                script.append(": >'" + out + "'\n")
                        .append(text, 0, text.length() - 1)
                        .append(" </dev/null >>'" + out + "' 2>&1 &\n")
                        .append("while kill -0 $! 2>/dev/null && ! grep -q '[^.]$' '" + out
                                + "'; do sleep 0.05; done\n");
            } else {
                script.append(text).append("\n");
            }
        }
        script.append("printf '\\036'\n").append("for job in $(jobs -p); do kill -TERM -- -$job; done 2>/dev/null\n");
        return script.append("wait 2>/dev/null\n").toString();
    }

    private String outputOf(DocBlock block, Path script) throws IOException, InterruptedException {
        var command = new ArrayList<>(inOwnNetwork());
        command.addAll(List.of("bash", script.toString()));
        Path output = directory.resolve(".output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("XDG_DATA_HOME", directory.resolve("data").toString());
        builder.environment().remove("COLUMNS");
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(BLOCK_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(block + " did not end: " + Files.readString(output));
        }
        return Files.readString(output);
    }

    /** The line by which the shell reports that a job has ended, at one prompt or the next. */
    private static final Pattern JOB_HAS_ENDED =
            Pattern.compile("^\\[\\d+][+-]? +(Terminated|Exit \\d+|Done|Killed).*\\R", Pattern.MULTILINE);

    private static final List<String> OWN_NETWORK =
            List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");

    /**
     * Returns the command that runs another one in a network of its own; empty if the system does not allow it, so that
     * the ports of the pages have to be free.
     */
    static List<String> inOwnNetwork() throws InterruptedException {
        try {
            var attempt = new ArrayList<>(OWN_NETWORK);
            attempt.add("true");
            boolean works = new ProcessBuilder(attempt)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
            return works ? OWN_NETWORK : List.of();
        } catch (IOException notThere) {
            return List.of();
        }
    }

    /** Compares line by line; {@code …} is any text in a line, and any lines if it is alone. */
    private static boolean matches(Command command, String printed) {
        var pattern = new StringBuilder();
        for (String line : command.shown()) {
            pattern.append(line.strip().equals(ELLIPSIS) ? "(?:.*\n)*?" : inLine(line) + "[ ]*\n");
        }
        if (command.isBackground()) {
            pattern.append("(?:.*\n?)*"); // what it prints later is shown where it matters
        }
        String text = printed.isEmpty() || printed.endsWith("\n") ? printed : printed + "\n";
        return Pattern.compile(pattern.toString()).matcher(text).matches();
    }

    static String inLine(String line) {
        var pattern = new StringBuilder();
        @Nullable String between = null;
        for (String part : line.split(ELLIPSIS, -1)) {
            pattern.append(between == null ? "" : between).append(Pattern.quote(part));
            between = ".*?";
        }
        return pattern.toString();
    }
}
