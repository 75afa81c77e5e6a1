package dev.parley.examples;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Server;
import dev.parley.net.BindFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** Iteration 3: messages with a header and content. The handler takes a record and returns a record. */
public final class App {
    record Search(String value) {}

    record Answer(String result) {}

    static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);

    private static final Map<String, String> ANSWERS = Map.of("morpheus", "Follow the white rabbit.");

    private App() {}

    static Answer answer(Search search) {
        return new Answer(ANSWERS.getOrDefault(search.value(), "No match for '" + search.value() + "'."));
    }

    static Server serve(String address) throws BindFailedException {
        return Server.builder().on(SEARCH, App::answer).listen(address);
    }

    static String ask(String address, String value) throws IOException {
        try (var client = Client.connect(address)) {
            return client.call(SEARCH, new Search(value)).result();
        }
    }

    /**
     * Starts a server ({@code server [ADDRESS]}) or a client ({@code client [ADDRESS] [VALUE]}), or, without arguments,
     * both in this process.
     */
    public static void main(String[] args) throws Exception {
        String address = args.length > 1 ? args[1] : "tcp://localhost:65432";
        String value = args.length > 2 ? args[2] : "morpheus";
        switch (args.length == 0 ? "both" : args[0]) {
            case "server" -> {
                try (var server = serve(address)) {
                    System.out.println("listening on " + server.address());
                    server.drainOnShutdown(Duration.ofSeconds(10));
                    server.join();
                }
            }
            case "client" -> System.out.println(ask(address, value));
            default -> {
                try (var server = serve("tcp://localhost:0")) {
                    System.out.println(ask(server.address().toString(), value));
                }
            }
        }
    }
}
