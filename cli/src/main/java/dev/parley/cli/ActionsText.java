package dev.parley.cli;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.cli.completion.Candidate;
import dev.parley.frame.Header;
import dev.parley.names.ActionName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The list of a server's actions, as its built-in action {@code parley.actions} sends it, in words for people. */
final class ActionsText {
    /** The built-in action that sends the list. */
    static final String ACTION = "parley.actions";

    /** The time that an error message waits for the list. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private final JsonNode list;

    private ActionsText(JsonNode list) {
        this.list = list;
    }

    /** Returns the list in a response; null if it has none, as that of the tutorial's server. */
    static @Nullable ActionsText ofOrNull(Message response) {
        JsonNode content = response.isJson() ? response.jsonOrNull() : null;
        return content != null && content.path("actions").isArray() ? new ActionsText(content) : null;
    }

    /**
     * Asks a server for its list, to complete an error message or a word of a command line with it. Returns null if the
     * server does not tell it in time.
     *
     * @param credentials the value of the header {@code authorization}, or null for none
     * @param patience how long the user waits for it, the connecting included
     */
    static @Nullable ActionsText ask(Client client, @Nullable String credentials, Duration patience)
            throws InterruptedException {
        CallOptions options = CallOptions.timeout(patience);
        if (credentials != null) {
            options = options.withHeader(Header.AUTHORIZATION, credentials);
        }
        try {
            return ofOrNull(client.call(ACTION, Message.json("{}"), options));
        } catch (IOException noList) {
            return null;
        }
    }

    /** Returns a line for each action, and then one for each record and enum. */
    List<String> lines() {
        var lines = new ArrayList<String>();
        for (JsonNode action : list.path("actions")) {
            String kind = text(action, "kind");
            lines.add(signature(action) + (kind.equals("call") ? "" : "  [" + kind + "]"));
        }
        for (Map.Entry<String, JsonNode> type : list.path("types").properties()) {
            lines.add("  " + type.getKey() + ": " + members(type.getValue()));
        }
        return lines;
    }

    /** Returns the signatures of all actions in one line; it is empty if none has a name. */
    String signatures() {
        var signatures = new ArrayList<String>();
        list.path("actions").forEach(action -> signatures.add(signature(action)));
        return String.join(", ", signatures);
    }

    /** Returns the names of the actions with their signatures, as words of a command line. */
    List<Candidate> candidates() {
        var candidates = new ArrayList<Candidate>();
        for (JsonNode action : list.path("actions")) {
            String name = text(action, "name");
            if (ActionName.isValid(name)) { // a server may send anything, and a shell is about to insert it
                candidates.add(new Candidate(name, signature(action)));
            }
        }
        return candidates;
    }

    /**
     * Returns what the question of an action consists of, such as {@code Greet: name String}. Returns null if there is
     * no such action, or if its question is not a record or an enum.
     */
    @Nullable
    String question(String name) {
        for (JsonNode action : list.path("actions")) {
            String question = text(action, "question");
            JsonNode type = list.path("types").path(question);
            if (text(action, "name").equals(name) && !type.isEmpty()) {
                return question + ": " + members(type);
            }
        }
        return null;
    }

    private static String signature(JsonNode action) {
        return text(action, "name") + "(" + text(action, "question") + "): " + text(action, "answer");
    }

    private static String text(JsonNode action, String member) {
        return action.path(member).asString("");
    }

    private static String members(JsonNode type) {
        var members = new ArrayList<String>();
        type.properties()
                .forEach(member ->
                        members.add(member.getKey() + " " + member.getValue().asString("")));
        if (type.isArray()) {
            type.forEach(constant -> members.add(constant.asString("")));
        }
        return (type.isArray() ? "one of " : "") + String.join(", ", members);
    }
}
