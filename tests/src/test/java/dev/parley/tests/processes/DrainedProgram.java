package dev.parley.tests.processes;

import dev.parley.Message;
import dev.parley.Server;
import java.time.Duration;

/** A user's program with a server that is drained when its process has to end; it prints what it gets to do. */
final class DrainedProgram {
    private DrainedProgram() {}

    /** The first argument says how it ends: {@code returns}, or {@code exits} with a status of its own. */
    public static void main(String[] args) throws Exception {
        try (var server = Server.builder()
                .on("held", request -> {
                    System.out.println("handling");
                    return Message.text("read " + System.in.read());
                })
                .listen("tcp://127.0.0.1:0")) {
            server.drainOnShutdown(Duration.ofHours(1));
            System.out.println("listening on " + server.address());
            server.join();
            System.out.println("after join");
        } finally {
            System.out.println("finally");
        }
        if (args[0].equals("exits")) {
            System.exit(7);
        }
    }
}
