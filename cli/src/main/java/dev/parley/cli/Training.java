package dev.parley.cli;

import dev.parley.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the launcher has the JVM do once after a build, so that it learns what commands need and starts them from its
 * cache (JEP 514): the servers and clients of the command line, in one process, over a Unix socket of its own.
 */
final class Training {
    private static final int ATTEMPTS = 200;

    private Training() {}

    /** Ends the JVM: its servers have no other end. */
    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("parley-training");
        Path socket = directory.resolve("s");
        try {
            run("--help");
            run("tour", "--color", "always");
            for (String kind : new String[] {"echo", "app", "multi"}) {
                serveAndAsk(kind, socket);
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(directory);
        }
        System.exit(0);
    }

    private static void serveAndAsk(String kind, Path socket) throws IOException, InterruptedException {
        String address = "unix:" + socket;
        Thread server = Thread.ofPlatform().daemon().start(() -> run(kind, "server", address, "-v"));
        for (int left = ATTEMPTS; left > 0 && !Files.exists(socket) && server.isAlive(); left--) {
            server.join(10);
        }
        switch (kind) {
            case "echo" -> run("echo", "client", address, "Hello");
            case "multi" -> run("multi", "client", address);
            default -> {
                run("app", "client", address, "search", "morpheus");
                run("call", address, "search", "{\"value\": \"ring\"}", "--json");
            }
        }
        Files.deleteIfExists(socket); // the server goes on; the next one has the path
    }

    private static int run(String... args) {
        var terminal = Terminal.of(true, 80, true, Map.of());
        return Parley.run(
                new Io(InputStream.nullInputStream(), OutputStream.nullOutputStream(), System.err, terminal, terminal),
                args);
    }
}
