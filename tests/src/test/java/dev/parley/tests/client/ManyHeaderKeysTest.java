package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests a header with more keys than a reader takes: only the request or response that has it fails. */
@Timeout(300)
class ManyHeaderKeysTest {
    private static final Action<Message, Message> NUMBERS = Action.of("numbers", Message.class, Message.class);
    private static final Action<Message, Message> BACK = Action.of("back", Message.class, Message.class);

    /** The maximum number of an application's own keys. */
    private static final int OWN_MAX = 48;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private Server server;
    private Client client;

    @BeforeEach
    void connect() throws IOException {
        server = bed.listen(bed.server()
                .on("echo", request -> request)
                .on("many", request -> withKeys(60))
                .onStream(NUMBERS, (question, out) -> {
                    out.send(Message.text(
                            String.valueOf(question.header().others().size())));
                })
                .onDuplex(BACK, (in, out, exchange) -> {
                    for (Message each : in) {
                        out.send(each);
                    }
                }));
        client = bed.client(server.address());
    }

    /** Returns a message with so many keys, as a program may pass it on from a peer of its own. */
    private static Message withKeys(int count) {
        Message message = Message.text("x");
        for (int i = 0; i < count; i++) {
            message = MessagePeer.unchecked(message, "k" + i, true);
        }
        return message;
    }

    private static Message withOwnKeys(int count) {
        Message message = Message.text("x");
        for (int i = 0; i < count; i++) {
            message = message.with("k" + i, true);
        }
        return message;
    }

    private static void assertIsRefusedHere(CompletionStage<Message> call) {
        assertThatThrownBy(() -> call.toCompletableFuture().get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("the header has 67 keys; at most 64: put further values into the content");
    }

    @Test
    void aCallWithTooManyKeysFailsAlone() throws Exception {
        try (Duplex<Message, Message> other = client.duplex(BACK)) {
            assertIsRefusedHere(client.callAsync("echo", withKeys(60), CallOptions.DEFAULT));
            assertThat(client.call("echo", withKeys(57)).header().others()).hasSize(57);
            other.send(Message.text("still here"));
            assertThat(other.receive()).extracting(Message::text).isEqualTo("still here");
        }
    }

    @Test
    void aResponseWithTooManyKeysFailsAlone() throws Exception {
        try (Duplex<Message, Message> other = client.duplex(BACK)) {
            assertThatThrownBy(() -> client.call("many", Message.text("")))
                    .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.code())
                            .isEqualTo(ErrorCode.INTERNAL.wire()));
            other.send(Message.text("still here"));
            assertThat(other.receive()).extracting(Message::text).isEqualTo("still here");
        }
        assertThat(bed.census().takeFailures()).hasSize(1);
    }

    @Test
    void aStreamWithTooManyKeysFailsAlone() throws Exception {
        try (Duplex<Message, Message> other = client.duplex(BACK);
                InStream<Message> failed = client.stream(NUMBERS, withKeys(60))) {
            assertThatThrownBy(failed::receive).hasRootCauseInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> other.send(withKeys(60))).isInstanceOf(IllegalArgumentException.class);
            other.send(Message.text("still here"));
            assertThat(other.receive()).extracting(Message::text).isEqualTo("still here");
        }
    }

    @Test
    void theKeysOfTheProtocolDoNotCountAsTheApplications() throws Exception {
        Message most = withOwnKeys(OWN_MAX);
        assertThat(client.call("echo", most.with("authorization", "Bearer 1")).text())
                .isEqualTo("x");
        try (InStream<Message> numbers = client.stream(NUMBERS, most)) {
            assertThat(numbers.receive()).isNotNull();
        }
        try (Duplex<Message, Message> back = client.duplex(BACK)) {
            back.send(most);
            assertThat(back.receive())
                    .isNotNull()
                    .satisfies(piece -> assertThat(piece.header().text("k1")).isNull());
        }
    }

    @Test
    void aPlainCallWithTooManyKeysFailsBeforeItConnects() {
        Client plain = bed.keep(Client.builder(Address.parse("tcp://127.0.0.1:1"))
                .loop(bed.loop())
                .plain(true)
                .start());
        assertThatThrownBy(() -> plain.call(withKeys(61)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the header has 65 keys");
    }
}
