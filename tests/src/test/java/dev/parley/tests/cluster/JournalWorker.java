package dev.parley.tests.cluster;

import dev.parley.Action;
import dev.parley.Cluster;
import dev.parley.Server;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node in a process of its own that may be killed at any time. What it has handled is in its journal before it
 * responds, so that a test can compare it with what clients were told.
 */
final class JournalWorker {
    /** A request is a number, and so is its answer. */
    static final Action<Integer, Integer> ORDER = Action.of("order", Integer.class, Integer.class);

    private JournalWorker() {}

    /** Takes the address of the cluster and the journal; a worker that follows adds to it. */
    public static void main(String[] args) throws IOException, InterruptedException {
        try (var handled = new FileOutputStream(args[1], true);
                var cluster = Cluster.connect(args[0]);
                var server = Server.builder()
                        .cluster(cluster)
                        .on(ORDER, number -> {
                            handled.write((number + "\n").getBytes(StandardCharsets.US_ASCII)); // whole: one write(2)
                            return number;
                        })
                        .listen("tcp://127.0.0.1:0")) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }

    /** Returns how often each number was handled. */
    static Map<Integer, Integer> handled(List<Path> journals) throws IOException {
        var times = new HashMap<Integer, Integer>();
        for (Path journal : journals) {
            for (String line : Files.readAllLines(journal)) {
                times.merge(Integer.valueOf(line), 1, Integer::sum);
            }
        }
        return times;
    }
}
