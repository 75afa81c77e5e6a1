package dev.parley.examples;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Server;
import java.util.Map;

/** Iteration 3: messages with a header and content; records in, records out. */
public final class App {
    record Search(String value) {}

    record Answer(String result) {}

    static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);

    private static final Map<String, String> ANSWERS = Map.of("morpheus", "Follow the white rabbit.");

    private App() {}

    static Answer answer(Search search) {
        return new Answer(ANSWERS.getOrDefault(search.value(), "No match for '" + search.value() + "'."));
    }

    /** A server on a free port, and one client. */
    public static void main(String[] args) throws Exception {
        try (var server = Server.builder().on(SEARCH, App::answer).listen("tcp://localhost:0");
                var client = Client.connect(server.address())) {
            System.out.println(client.call(SEARCH, new Search("morpheus")).result());
        }
    }
}
