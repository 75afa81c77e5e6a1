package dev.parley.examples;

import dev.parley.Action;
import dev.parley.Server;
import java.time.Duration;

/** The server of the README as a class, for a project with packages. */
public final class Hello {
    private Hello() {}

    record Greet(String name) {}

    record Greeting(String text) {}

    static final Action<Greet, Greeting> GREET = Action.of("greet", Greet.class, Greeting.class);

    /** Listens at the address of the argument until it gets SIGTERM, and then finishes the requests under way. */
    public static void main(String[] args) throws Exception {
        try (var server = Server.builder()
                .on(GREET, greet -> new Greeting("Hello, " + greet.name() + "!"))
                .listen(args.length > 0 ? args[0] : "tcp://localhost:65432")) {
            System.out.println("listening on " + server.address());
            server.drainOnShutdown(Duration.ofSeconds(10));
            server.join();
        }
    }
}
