package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.net.BindFailedException;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what a handler reads of a request: its content, its values, and the action in it. */
@Timeout(300)
class RequestContentTest {
    record Sum(int left, int right) {}

    record Total(int total) {}

    private static final Action<Sum, Total> ADD = Action.of("add", Sum.class, Total.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Server listen() throws BindFailedException {
        return listen(settings -> settings);
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws BindFailedException {
        return bed.listen(further.apply(bed.server().on(ADD, sum -> new Total(sum.left() + sum.right()))));
    }

    private static Message text(String text) {
        return Message.text(text);
    }

    /** Promise F9: content that a handler leaves unread is not found in the next message. */
    @Test
    void contentThatAHandlerDoesNotReadStaysInItsMessage() throws Exception {
        var random = new Random(10);
        Handler.Simple<Message, Message> prefix = request -> {
            int wanted = request.numbers().getInt();
            return Message.binary("x/y", Arrays.copyOf(request.content(), wanted));
        };
        try (Server server = listen(settings -> settings.onLoop("prefix", prefix));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int i = 0; i < 10_000; i++) {
                int length = 4 + random.nextInt(300);
                int wanted = random.nextInt(length + 1);
                var content = new byte[length];
                random.nextBytes(content);
                ByteBuffer numbers = ByteBuffer.wrap(content)
                        .order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
                numbers.putInt(0, wanted);
                peer.send(request(0, "prefix", Message.binary("x/y", numbers)));
                assertThat(peer.receive().content())
                        .as("seed 10, round %d", i)
                        .isEqualTo(Arrays.copyOf(content, wanted));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"left\": 1, \"right\": 2}|{\"total\":3}",
                "{\"left\": 1, \"right\": 2, \"further\": true}|{\"total\":3}",
                "{\"action\": \"add\", \"left\": 1, \"right\": 2}|{\"total\":3}",
                "{\"left\": \"secret\", \"right\": 2}|bad-content does not fit: left: expected a whole number, found text",
                "{\"left\": 1|bad-content is not one JSON value",
                "{\"left\": 1, \"rihgt\": 2}|bad-content it is required, but is missing or null; there is a member with nearly this name: did you mean 'right'?",
                "{\"left\": 1}|bad-content right: it is required, but is missing or null",
                "null|bad-content null is not allowed",
                "[1]|bad-content does not fit: expected an object, found an array"
            })
    void aTypedHandlerGetsWhatFits(String content, String expected) throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "add", Message.json(content)));
            Message answer = peer.receive();
            String seen = answer.status().map(status -> status + " ").orElse("") + answer.text();
            for (String part : expected.split(" ", 2)) {
                assertThat(seen).contains(part).doesNotContain("secret");
            }
        }
    }

    /** A text that is not the name of an action counts as absent, whether or not the object has nested values. */
    @Test
    void whatIsNotTheNameOfAnActionIsRefusedAlikeInEveryObject() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (String json : List.of("{\"action\": \"two words\"}", "{\"action\": \"two words\", \"more\": []}")) {
                peer.send(Message.json(json));
                assertThat(peer.receive().text()).contains("the request names no action");
            }
        }
    }

    @Test
    void theActionMayBeInTheContentAsTheTutorialWritesIt() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(Message.json("{\"action\": \"add\", \"left\": 20, \"right\": 22}"));
            assertThat(peer.receive().text()).isEqualTo("{\"total\":42}");
            peer.send(Message.json("{\"action\": \"\\u0061dd\", \"left\": 1, \"right\": 1}"));
            assertThat(peer.receive().text()).isEqualTo("{\"total\":2}");
            peer.send(Message.json("{\"action\": null}"));
            assertThat(peer.receive().status()).contains("unknown-action");
            peer.send(Message.json("{\"action\": \"unknown\"}"));
            assertThat(peer.receive().status()).contains("unknown-action");
            peer.send(request(1, "nobody", text("")));
            assertThat(peer.receive().status()).contains("unknown-action");
            peer.send(request(1, "add", text("")));
            assertThat(peer.receive().status()).contains("unsupported-type");
            peer.send(Message.json("{\"action\": \"parley.peer\"}"));
            assertThat(peer.receive().text()).isEqualTo("{\"result\": \"parley\"}");
        }
    }
}
