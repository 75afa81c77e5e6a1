package dev.parley.tests.processes;

import dev.parley.Server;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/** A server that writes down what it does before it answers, for a process that is killed. */
public final class CountingServer {
    private CountingServer() {}

    /** Takes {@code ADDRESS FILE}: where to listen, and where each number goes that was asked for. */
    public static void main(String[] args) throws Exception {
        try (OutputStream done = new FileOutputStream(args[1], true);
                Server server = Server.builder()
                        .onLoop("count", request -> {
                            done.write((request.text() + "\n").getBytes(StandardCharsets.US_ASCII));
                            return request;
                        })
                        .on("wait", request -> {
                            new CountDownLatch(1).await();
                            return request;
                        })
                        .listen(args[0])) {
            System.out.println("listening on " + server.address());
            server.join();
        }
    }
}
