import dev.parley.Action;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.ServerBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server of contents that is measured: each answer has the payload of its request. {@code typed} is what users
 * write, records in and records out; {@code jackson} gives the bytes to Jackson and sends the bytes that it makes, with
 * nothing of Parley's between: the best that Jackson can do.
 */
final class ContentServer {
    record Text(String text) {}

    record Bytes(byte[] data) {}

    record Item(long id, String name, double price, boolean active) {}

    record Items(List<Item> items) {}

    record Echo(JsonNode value) {}

    record Result(JsonNode result) {}

    private static final Action<Text, Text> TEXT = Action.of("text", Text.class, Text.class);
    private static final Action<Bytes, Bytes> BYTES = Action.of("bytes", Bytes.class, Bytes.class);
    private static final Action<Items, Items> LIST = Action.of("list", Items.class, Items.class);
    private static final Action<Echo, Result> ECHO = Action.of("echo", Echo.class, Result.class);
    private static final String BINARY = "binary";

    /** The place where the name of the action begins, as the load writes it, so the content need not be read twice. */
    private static final int ACTION_AT = "{\"action\": \"".getBytes(StandardCharsets.US_ASCII).length;

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private ContentServer() {}

    public static void main(String[] args) throws Exception {
        if (!Listening.isRight(args)) {
            System.err.println("usage: ContentServer PORT nio|io_uring"
                    + " typed-loop|typed-virtual|jackson-loop|jackson-virtual [CERTIFICATE KEY]");
            System.exit(2);
        }
        ServerBuilder builder = Listening.builder(args);
        switch (args[2]) {
            case "typed-loop" ->
                builder.onLoop(TEXT, text -> new Text(text.text()))
                        .onLoop(BYTES, bytes -> new Bytes(bytes.data()))
                        .onLoop(LIST, list -> new Items(list.items()))
                        .onLoop(ECHO, echo -> new Result(echo.value()))
                        .onLoop(BINARY, binary());
            case "typed-virtual" ->
                builder.on(TEXT, text -> new Text(text.text()))
                        .on(BYTES, bytes -> new Bytes(bytes.data()))
                        .on(LIST, list -> new Items(list.items()))
                        .on(ECHO, echo -> new Result(echo.value()))
                        .on(BINARY, binary());
            case "jackson-loop" -> builder.otherwiseOnLoop(ContentServer::jackson);
            case "jackson-virtual" -> builder.otherwise(ContentServer::jackson);
            default -> throw new IllegalArgumentException("no kind of handler: " + args[2]);
        }
        Listening.serve(builder, args);
    }

    private static Handler.Simple<Message, Message> binary() {
        return request -> Message.binary(request.header().contentType(), request.content());
    }

    private static Message jackson(Message request) {
        byte[] content = request.content();
        Object answer =
                switch (content[ACTION_AT]) {
                    case 't' -> new Text(MAPPER.readValue(content, Text.class).text());
                    case 'b' -> new Bytes(MAPPER.readValue(content, Bytes.class).data());
                    case 'l' -> new Items(MAPPER.readValue(content, Items.class).items());
                    default -> new Result(MAPPER.readValue(content, Echo.class).value());
                };
        return Message.json(MAPPER.writeValueAsBytes(answer));
    }
}
