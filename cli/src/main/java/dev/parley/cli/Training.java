package dev.parley.cli;

import dev.parley.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs typical commands once, so that the JVM records which classes they need, and can later start commands quickly
 * from its cache (JEP 514). The launcher runs this program once after a build. It runs servers and clients of the
 * command line in one process, over the loopback. There are two caches: the JVM reads a whole cache when it starts, so
 * the commands that only move bytes have a smaller cache of their own.
 */
final class Training {
    private static final int ATTEMPTS = 500;

    private Training() {}

    /**
     * Runs the commands for the cache {@code bytes} or for the cache {@code all}. Then ends the JVM, since the servers
     * would not end otherwise.
     */
    public static void main(String[] args) throws Exception {
        boolean all = args[0].equals("all");
        Path directory = Files.createTempDirectory("parley-training");
        try {
            if (all) {
                run("--help");
                run("tour", "--color", "always");
                serveAndAsk("app", directory);
            }
            serveAndAsk("echo", directory);
            serveAndAsk("multi", directory);
            serveAndAsk("multi", directory, "--transport", "nio");
        } finally {
            Files.deleteIfExists(directory);
        }
        System.exit(0);
    }

    private static void serveAndAsk(String kind, Path directory, String... options)
            throws IOException, InterruptedException {
        Path portFile = directory.resolve("port");
        var words = new ArrayList<>(List.of(kind, "server", "tcp://localhost:0", "--port-file", portFile.toString()));
        words.addAll(List.of(options));
        Thread server = Thread.ofPlatform().daemon().start(() -> run(words.toArray(String[]::new)));
        for (int left = ATTEMPTS; left > 0 && !Files.exists(portFile) && server.isAlive(); left--) {
            server.join(10);
        }
        ask(kind, "tcp://localhost:" + Files.readString(portFile).strip());
        Files.delete(portFile); // the server goes on running, and the next server uses the same file
    }

    private static void ask(String kind, String address) {
        switch (kind) {
            case "echo" -> run("echo", "client", address, "Hello");
            case "multi" -> run("multi", "client", address);
            default -> {
                run("app", "client", address, "search", "morpheus");
                run("call", address, "search", "{\"value\": \"ring\"}", "--json");
            }
        }
    }

    /** Does what {@link Parley#main} does, but does not end the JVM. */
    private static int run(String... args) {
        EarlyTransport.begin(args);
        var terminal = Terminal.of(true, 80, true, Map.of());
        return Parley.run(
                new Io(InputStream.nullInputStream(), OutputStream.nullOutputStream(), System.err, terminal, terminal),
                args);
    }
}
