package dev.parley.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Client;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Recipe: Java and Python on one machine, over a Unix socket. Each side asks the other side for what that side can do
 * best.
 *
 * <p>If two programs talk over pipes, everything that a library prints is mixed with their answers, and each question
 * must wait for the answer to the last one. A port on localhost is open to every user of the machine. A Unix socket is
 * a file. It is created with mode 0600, so only its owner can connect.
 *
 * <p>The Python side, {@code examples/src/main/python/ipc.py}, needs only the standard library: a message is two bytes
 * of length, a header in JSON, and the content.
 *
 * <p>To see both directions, run {@code ./parley run examples/src/main/java/dev/parley/examples/PythonIpc.java} in the
 * root of the repository. To use two terminals, add arguments: {@code server ADDRESS} starts a server for Python's
 * client, and {@code client ADDRESS NUMBER...} starts a client for Python's server.
 */
public final class PythonIpc {
    record Item(String item) {}

    record Stock(int left) {}

    record Numbers(List<Double> values) {}

    record Summary(double mean, double deviation) {}

    static final Action<Item, Stock> STOCK = Action.of("stock", Item.class, Stock.class);
    static final Action<Numbers, Summary> SUMMARY = Action.of("summary", Numbers.class, Summary.class);

    private static final Map<String, Integer> LEFT = Map.of("tea", 12, "coffee", 3);

    private PythonIpc() {}

    static Stock stock(Item item) throws ApplicationException {
        Integer left = LEFT.get(String.valueOf(item.item()));
        if (left == null) {
            throw new ApplicationException("no-such-item", "there was never any");
        }
        return new Stock(left);
    }

    static ServerBuilder serving() {
        return Server.builder().on(STOCK, PythonIpc::stock);
    }

    /** Asks Python for a summary of these numbers. Returns the summary, or says why Python refused to make one. */
    static String summarize(Client client, List<Double> numbers) throws IOException {
        try {
            return String.valueOf(client.call(SUMMARY, new Numbers(numbers)));
        } catch (RefusedException e) { // an error that was raised in Python, and is caught in Java
            return "refused: " + e.applicationCode();
        }
    }

    /**
     * Starts Python's side as a separate process. Its output can be read from the process; its errors go where ours go.
     */
    static Process python(String... args) throws IOException {
        Path script = Stream.of("examples/src/main/python/ipc.py", "src/main/python/ipc.py")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IOException("ipc.py is not here; start this in the root of the repository"));
        var command = Stream.concat(Stream.of("python3", script.toString()), Stream.of(args));
        return new ProcessBuilder(command.toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    /** Starts a server or a client, or, without arguments, a demonstration of both directions. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0 && !hasPython()) {
            System.out.println("python3 is not installed here, so there is nothing to show");
        } else if (args.length == 0) {
            demonstrate();
        } else if (args[0].equals("server") && args.length == 2) {
            try (var server = serving().listen(args[1])) {
                System.out.println("listening on " + server.address());
                server.join();
            }
        } else if (args[0].equals("client") && args.length >= 2) {
            try (var client = Client.connect(args[1])) {
                var numbers = Stream.of(args).skip(2).map(Double::valueOf).toList();
                System.out.println(summarize(client, numbers));
            }
        } else {
            System.err.println("usage: server ADDRESS, or client ADDRESS NUMBER...");
            System.exit(2);
        }
    }

    private static void demonstrate() throws Exception {
        Path folder = Files.createTempDirectory("parley-ipc");
        pythonAsks(folder.resolve("java"));
        javaAsks(folder.resolve("python"));
        Files.delete(folder);
    }

    private static void pythonAsks(Path socket) throws Exception {
        try (var server = serving().listen("unix:" + socket)) {
            System.out.println("Java listens, " + rights(socket));
            Process asking = python("client", socket.toString(), "tea", "coffee", "whisky");
            try (BufferedReader lines = asking.inputReader(UTF_8)) {
                lines.lines().forEach(System.out::println);
            }
            asking.waitFor();
            System.out.println("Java answered " + server.requests() + " requests");
        }
    }

    private static void javaAsks(Path socket) throws Exception {
        Process answering = python("server", socket.toString());
        try (BufferedReader lines = answering.inputReader(UTF_8)) {
            lines.readLine(); // Python's side prints this line when it listens
            System.out.println("Python listens, " + rights(socket));
            try (var client = Client.connect("unix:" + socket)) {
                System.out.println(summarize(client, List.of(2.0, 4.0, 4.0, 6.0)));
                System.out.println(summarize(client, List.of(1.0)));
            }
        } finally {
            answering.destroy();
            answering.waitFor();
        }
    }

    private static String rights(Path socket) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket));
    }
}
