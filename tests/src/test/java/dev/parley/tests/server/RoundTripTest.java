package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.cli.CommandInProcess;
import dev.parley.frame.Frame;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Tests that a value comes back as it was, or is refused with the reason: through handlers of each kind, and {@code
 * parley call}.
 */
@Timeout(600)
class RoundTripTest {
    /** The number of values; the soak takes more. */
    private static final int COUNT = Integer.getInteger("parley.values", 10_000);

    /** A record of types that {@code RecordShape} and the general mapper read and write. */
    record Box(String text, long number, boolean truth) {}

    @SuppressWarnings("ArrayRecordComponent") // what applications do
    record Boxes(@Nullable JsonNode any, double fraction, List<Box> boxes, byte[] bytes) {}

    private static final Action<JsonNode, JsonNode> TREE = Action.of("tree", JsonNode.class, JsonNode.class);
    private static final Action<Box, Box> BOX = Action.of("box", Box.class, Box.class);
    private static final Action<Boxes, Boxes> BOXES = Action.of("boxes", Boxes.class, Boxes.class);

    private final long seed = Long.getLong("parley.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AnyValues values = new AnyValues(random);
    private final Census census = new Census();
    private final EventLoop loop =
            census.watch(EventLoop.builder().observer(census).start());

    @AfterEach
    void nothingIsLeft() {
        loop.close();
        census.assertNothingLeft();
    }

    private Server listen() throws Exception {
        return Server.builder()
                .on("same", request -> request)
                .onLoop("tree", request -> Message.ofValue(request.json()))
                .on("objects", request -> Message.ofValue(request.as(Object.class)))
                .on(BOX, box -> box)
                .on(BOXES, boxes -> boxes)
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
    }

    /** Returns the message of a value; null if it was refused: if it is not JSON, with a reason, and only then. */
    private @Nullable Message messageOf(@Nullable Object value, String what) {
        try {
            Message message = Message.ofValue(value);
            assertThat(AnyValues.isJson(value)).as("%s was taken", what).isTrue();
            return message;
        } catch (IllegalArgumentException refused) {
            assertThat(AnyValues.isJson(value)).as("%s: %s", what, refused).isFalse();
            assertThat(refused)
                    .hasMessageMatching("(?s).*(is not a number that JSON has|a number has more than 1000 digits"
                            + "|has half a surrogate pair|has more than 50000 bytes).*");
            return null;
        }
    }

    @Test
    void anyValueThroughHandlers() throws Exception {
        int taken = 0;
        try (Server server = listen();
                Client client = Client.connect(server.address().toString())) {
            for (int i = 0; i < COUNT; i++) {
                Object value = values.next();
                String what = "seed " + seed + ", value " + i;
                Message question = messageOf(value, what);
                if (question == null) {
                    continue;
                }
                taken++;
                for (String action : value == null ? List.of("same", "tree") : List.of("same", "tree", "objects")) {
                    Message answer = client.call(action, question);
                    assertThat(AnyValues.isSame(value, answer.json()))
                            .as("%s through %s: %s came back as %s", what, action, question.text(), answer.text())
                            .isTrue();
                }
                assertThat(AnyValues.isSame(value, client.call(TREE, question.json())))
                        .as(what)
                        .isTrue();
            }
        }
        assertThat(taken).as("seed %d", seed).isBetween(COUNT / 2, COUNT - 1);
    }

    @Test
    void anyRecordThroughTypedHandlers() throws Exception {
        try (Server server = listen();
                Client client = Client.connect(server.address().toString())) {
            for (int i = 0; i < COUNT; i++) {
                String what = "seed " + seed + ", record " + i;
                Box box = anyBox();
                assertThat(client.call(BOX, box)).as(what).isEqualTo(box);
                var boxes = new ArrayList<Box>();
                for (int j = random.nextInt(4); j > 0; j--) {
                    boxes.add(anyBox());
                }
                var bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
                Boxes answer = client.call(BOXES, new Boxes(null, random.nextGaussian(), boxes, bytes));
                assertThat(answer.boxes()).as(what).isEqualTo(boxes);
                assertThat(answer.bytes()).as(what).isEqualTo(bytes);
            }
        }
    }

    private Box anyBox() {
        Object text = values.next();
        return new Box(String.valueOf(text), random.nextLong() >> random.nextInt(64), random.nextBoolean());
    }

    /** In each character set of the protocol, the client must print what was asked. */
    @Test
    void anyValueThroughTheCallCommand() throws Exception {
        try (Server server = listen()) {
            String address = server.address().toString();
            for (int i = 0; i < COUNT; i++) {
                Object value = values.next();
                String what = "seed " + seed + ", value " + i;
                Message question = messageOf(value, what);
                if (question == null) {
                    continue;
                }
                CommandInProcess call = CommandInProcess.withInput(question.content(), "call", address, "same", "-");
                assertThat(call.status()).as("%s: %s", what, call.err()).isZero();
                assertThat(AnyValues.isSame(value, Message.json(call.out()).json()))
                        .as("%s: %s was printed as %s", what, question.text(), call.out())
                        .isTrue();
            }
        }
    }

    private static Message jsonIn(String set, byte[] content) {
        return Message.of(
                new Frame(new Header("little", Message.TEXT_JSON, set, content.length, 0, Map.of()), content));
    }

    @Test
    void jsonInEachCharacterSet() throws Exception {
        try (Server server = listen();
                Client client = Client.connect(server.address().toString())) {
            for (String set :
                    List.of("utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1", "us-ascii", "u8", "utf_16_le")) {
                String json = "{\"a\": [1, \"" + (set.startsWith("u") && !set.startsWith("us") ? "ä日本😀" : "plain")
                        + "\\u00e4\"]}";
                byte[] bytes = Message.text(json, set).content();
                Message question = jsonIn(set, bytes);
                Message answer = client.call("same", question);
                assertThat(answer.json()).as(set).isEqualTo(Message.json(json).json());
                assertThat(answer.header().contentEncoding()).isEqualTo(set);
                assertThat(client.call("tree", question).json())
                        .as(set)
                        .isEqualTo(Message.json(json).json());
                int last = set.contains("16") ? 2 : 1;
                Message broken = jsonIn(set, Arrays.copyOf(bytes, bytes.length - last));
                assertThatThrownBy(() -> client.call("tree", broken))
                        .hasMessageContaining("the content is not one JSON value: it ends before the value does");
            }
        }
    }
}
