package dev.parley.examples.cluster;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The processes of the example, on free ports of this machine. What they print is in files of the directory. */
final class Programs implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(30);

    private final Path directory;
    private final List<Process> started = new CopyOnWriteArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    /** Ends what was started if this program is ended by Ctrl-C. */
    private final Thread atExit = new Thread(this::endAll);

    /**
     * Makes the place for the processes.
     *
     * @throws IOException if a program that is needed is not installed, with what to do
     */
    Programs(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            throw new IOException("this example needs " + String.join(" and ", missing)
                    + "; on Debian and Ubuntu: apt install " + String.join(" ", missing));
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Returns the programs that this example needs, and that are not installed. */
    static List<String> missing() {
        return Stream.of("nats-server", "haproxy")
                .filter(each -> find(each).isEmpty())
                .toList();
    }

    /** Also searches {@code /usr/sbin}, where Debian installs servers. It is usually not in a user's PATH. */
    private static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(path.split(File.pathSeparator, -1))
                .map(each -> Path.of(each, program).toAbsolutePath())
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String installed(String program) throws IOException {
        return find(program)
                .orElseThrow(() -> new IOException(program + " is not installed"))
                .toString();
    }

    /** Returns a port that is free now, and is not returned again. */
    int freePort() throws IOException {
        while (true) {
            try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (!ports.contains(probe.getLocalPort())) {
                    ports.add(probe.getLocalPort());
                    return probe.getLocalPort();
                }
            }
        }
    }

    Process broker(int port) throws IOException {
        return start(
                "nats-server",
                port,
                List.of(installed("nats-server"), "-a", "127.0.0.1", "-p", Integer.toString(port)));
    }

    /** Starts HAProxy in front of the nodes. It asks each for its health twice a second. */
    Process proxy(int port, List<Integer> nodes) throws IOException {
        var lines = new ArrayList<>(List.of(
                "defaults",
                "    mode tcp",
                "    timeout connect 1s",
                "    timeout client 1m",
                "    timeout server 1m",
                "listen orders",
                "    bind 127.0.0.1:" + port,
                "    balance leastconn",
                "    option redispatch",
                "    retries 3",
                "    option httpchk GET /health",
                "    http-check expect status 200",
                "    default-server check inter 500ms fall 1 rise 1"));
        for (int node : nodes) {
            lines.add("    server node" + node + " 127.0.0.1:" + node);
        }
        Path settings = Files.write(directory.resolve("haproxy.cfg"), lines);
        return start("haproxy", port, List.of(installed("haproxy"), "-db", "-f", settings.toString()));
    }

    /** Starts a node in a process of its own, with this program's class path. */
    Process node(int port, int brokerPort, Path journal, List<String> kinds) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // a node that is started often must start fast
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Node.class.getName(),
                "tcp://127.0.0.1:" + port,
                "nats://127.0.0.1:" + brokerPort + "/orders",
                journal.toString()));
        command.addAll(kinds);
        return start(journal.getFileName().toString(), port, command);
    }

    private Process start(String name, int port, List<String> command) throws IOException {
        File log = directory.resolve(name + ".log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        started.add(process);
        long deadline = System.nanoTime() + START_MAX.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException(name + " does not listen; see " + log);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return process;
    }

    private static boolean listens(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            return; // the hook does the same now
        }
    }

    private void endAll() {
        for (Process process : started.reversed()) {
            process.destroyForcibly();
        }
    }
}
