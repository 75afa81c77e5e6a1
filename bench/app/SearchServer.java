import dev.parley.Action;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.ServerBuilder;
import dev.parley.json.FlatObject;
import java.util.Map;

/**
 * The application server that is measured: {@code search} over a small table, by one of three kinds of handler. The
 * answers are the tutorial's, and the load generator looks at them.
 */
final class SearchServer {
    record Search(String value) {}

    record Answer(String result) {}

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Map<String, String> TABLE = Map.of(
            "morpheus", "Follow the white rabbit. \ud83d\udc30",
            "ring", "In the caves beneath the Misty Mountains. \ud83d\udc8d");

    private SearchServer() {}

    public static void main(String[] args) throws Exception {
        if (!Listening.isRight(args)) {
            System.err.println(
                    "usage: SearchServer PORT nio|io_uring raw-loop|typed-loop|typed-virtual [CERTIFICATE KEY]");
            System.exit(2);
        }
        ServerBuilder builder = Listening.builder(args);
        switch (args[2]) {
            case "raw-loop" -> builder.onLoop("search", raw());
            case "typed-loop" -> builder.onLoop(SEARCH, SearchServer::find);
            case "typed-virtual" -> builder.on(SEARCH, SearchServer::find);
            default -> throw new IllegalArgumentException("no kind of handler: " + args[2]);
        }
        Listening.serve(builder, args);
    }

    private static Answer find(Search search) {
        String found = TABLE.get(search.value());
        return new Answer(found == null ? "No match for '" + search.value() + "'." : found);
    }

    /** The same over messages: what is found was made a message before, as the C server keeps its answers as bytes. */
    private static Handler.Simple<Message, Message> raw() {
        Map<String, Message> answers = Map.of(
                "morpheus", Message.ofValue(new Answer(TABLE.get("morpheus"))),
                "ring", Message.ofValue(new Answer(TABLE.get("ring"))));
        return request -> {
            FlatObject flat = request.flatOrNull();
            String value = flat == null ? request.json().path("value").asString("") : flat.text("value");
            Message found = value == null ? null : answers.get(value);
            return found == null ? Message.ofValue(new Answer("No match for '" + value + "'.")) : found;
        };
    }
}
