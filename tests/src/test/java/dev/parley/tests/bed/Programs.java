package dev.parley.tests.bed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Starts our commands and Python's peers as processes of their own; each is ended with the test, by its own pid. */
public final class Programs implements AutoCloseable {
    /** The options with which promises about memory are kept. */
    public static final List<String> LITTLE_MEMORY = List.of("-Xmx128m", "-XX:MaxDirectMemorySize=64m");

    private static final Path PEERS = Path.of("src/test/python/peers.py");

    private final List<Running> started = new ArrayList<>();

    /** One process and what it prints. */
    public static final class Running {
        public final Process process;
        private final CompletableFuture<String> out = new CompletableFuture<>();
        private final CompletableFuture<String> err = new CompletableFuture<>();
        private volatile String soFar = "";
        private volatile String errSoFar = "";

        Running(Process process) {
            this.process = process;
            collect(process.getInputStream(), out, text -> soFar = text);
            collect(process.getErrorStream(), err, text -> errSoFar = text);
        }

        private static void collect(InputStream from, CompletableFuture<String> whole, Consumer<String> each) {
            Thread.ofVirtual().start(() -> {
                var all = new ByteArrayOutputStream();
                try {
                    var buffer = new byte[8192];
                    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                        all.write(buffer, 0, count);
                        each.accept(all.toString(StandardCharsets.UTF_8));
                    }
                    whole.complete(all.toString(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    whole.complete(all.toString(StandardCharsets.UTF_8) + e);
                }
            });
        }

        /** Returns the first whole line that it prints. */
        public String firstLine() {
            Await.until("the process prints a line", () -> soFar.indexOf('\n') >= 0 || !process.isAlive());
            return soFar.lines().findFirst().orElseThrow(() -> new AssertionError("it printed nothing: " + err()));
        }

        /** Sends SIGTERM, which leaves its streams to be read. */
        public void terminate() {
            assertThat(process.toHandle().destroy()).isTrue();
        }

        public int exitCode() throws InterruptedException {
            if (!process.waitFor(240, TimeUnit.SECONDS)) {
                throw new AssertionError("the process did not end");
            }
            return process.exitValue();
        }

        public String out() {
            return out.join();
        }

        /** Returns the text that it has printed by now; it may still run. */
        public String outSoFar() {
            return soFar;
        }

        /** Returns the text that it has printed on standard error by now; it may still run. */
        public String errSoFar() {
            return errSoFar;
        }

        public String err() {
            return err.join();
        }
    }

    public static boolean hasPython() {
        return has("python3");
    }

    /** Returns whether a command is installed that reports its version. */
    public static boolean has(String command) {
        try {
            return new ProcessBuilder(command, "--version").start().waitFor() == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private Running start(List<String> command) throws IOException {
        var running = new Running(new ProcessBuilder(command).start());
        started.add(running);
        return running;
    }

    /** Starts one of our own Python peers. */
    public Running python(String... args) throws IOException {
        return start(Stream.concat(Stream.of("python3", PEERS.toString()), Stream.of(args))
                .toList());
    }

    /** Starts our command, in a JVM of its own. */
    public Running parley(String... args) throws IOException {
        return parleyWith(List.of(), args);
    }

    public Running parleyWith(List<String> jvm, String... args) throws IOException {
        var command = new ArrayList<>(jvm.isEmpty() ? ChildJvm.command() : java(jvm));
        command.addAll(List.of(args));
        return start(command);
    }

    /** Does the same, started by another command, such as one that takes a capability away. */
    public Running parleyUnder(List<String> starter, String... args) throws IOException {
        var command = new ArrayList<>(starter);
        command.addAll(ChildJvm.command());
        command.addAll(List.of(args));
        return start(command);
    }

    /** Does the same, with at most that many open files. */
    public Running parleyWithOpenFiles(int openFiles, String... args) throws IOException {
        var command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + openFiles + "; exec \"$@\"", "sh"));
        command.addAll(ChildJvm.command());
        command.addAll(List.of(args));
        return start(command);
    }

    /** Starts a main class of the tests, in a JVM of its own. */
    public Running main(List<String> jvm, Class<?> main, String... args) throws IOException {
        return mainUnder(List.of(), jvm, main, args);
    }

    /** Does the same, started by another command, such as one that gives it a lower priority or another network. */
    public Running mainUnder(List<String> starter, List<String> jvm, Class<?> main, String... args) throws IOException {
        var command = new ArrayList<>(starter);
        command.addAll(java(jvm));
        command.removeLast();
        command.add(main.getName());
        command.addAll(List.of(args));
        return start(command);
    }

    private static List<String> java(List<String> jvm) {
        var command = new ArrayList<String>();
        command.add(ChildJvm.java());
        command.addAll(jvm);
        command.addAll(ChildJvm.options());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.parley.cli.Parley"));
        return command;
    }

    /** Returns the address in the line that a server of ours prints. */
    public static String addressOf(Running server) {
        return server.firstLine().replace("listening on ", "");
    }

    @Override
    public void close() {
        for (Running running : started) {
            running.process.destroyForcibly();
            running.process.onExit().join();
        }
    }
}
