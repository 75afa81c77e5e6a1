package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.Client;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.ErrorCode;
import dev.parley.net.BindFailedException;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.HandlerGate;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that an exception in a handler fails only its own request. */
@Timeout(300)
class HandlerErrorsTest {
    record Sum(int left, int right) {}

    record Total(int total) {}

    /** Its check throws without a word for the client. */
    record Tags(List<@Nullable String> tags) {
        Tags {
            List.copyOf(tags);
        }
    }

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final HandlerGate gate = new HandlerGate();

    @AfterEach
    void letGo() {
        gate.release(1_000);
    }

    private Server listen(UnaryOperator<ServerBuilder> further) throws BindFailedException {
        return bed.listen(further.apply(bed.server().onLoop("now", request -> Message.text("now"))));
    }

    private static Message text(String text) {
        return Message.text(text);
    }

    /** The arguments are what a handler throws, and what the peer gets. */
    @ParameterizedTest
    @CsvSource({
        "failed, failed, sold-out, Error: no more of it",
        "refused, bad-content, bad-content, Error: not that",
        "content, bad-content, bad-content, 'Error: the content is not one JSON value: "
                + "it ends before the value does, at byte 2'",
        "runtime, internal, internal, Error: the handler failed; the server's log says why",
        "stack, internal, internal, Error: the handler failed; the server's log says why",
        "memory, internal, internal, Error: the handler failed; the server's log says why",
        "null, internal, internal, Error: the handler failed; the server's log says why"
    })
    void whatAHandlerThrowsCostsThatRequestAlone(String what, String status, String code, String result)
            throws Exception {
        Handler.Simple<Message, Message> thrower = request -> thrown(what);
        try (Server server = listen(settings -> settings.on("here", thrower).onLoop("there", thrower));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (String action : List.of("here", "there")) {
                peer.send(request(1, action, text("")));
                Message error = peer.receive();
                assertThat(error.status()).contains(status);
                assertThat(error.text()).isEqualTo("{\"result\": \"" + result + "\", \"code\": \"" + code + "\"}");
                assertThat(error.header().id()).isEqualTo(1);
            }
            peer.send(request(2, "now", text("")));
            assertThat(peer.receive().text()).isEqualTo("now");
        }
        assertThat(census.takeFailures()).hasSize(status.equals("internal") ? 2 : 0);
    }

    /** It may be a mistake of the server's author, who would otherwise look for it without an exception. */
    @Test
    void aCheckThatFailsWithoutAWordIsInTheLogOnceAndNamedToTheClient() throws Exception {
        Action<Tags, Tags> here = Action.of("here", Tags.class, Tags.class);
        Action<Tags, Tags> there = Action.of("there", Tags.class, Tags.class);
        Action<Tags, Tags> stream = Action.of("stream", Tags.class, Tags.class);
        try (Server server = listen(settings -> settings.on(here, tags -> tags)
                        .onLoop(there, tags -> tags)
                        .onStream(stream, (tags, out) -> out.send(tags)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (String action : List.of("here", "there", "stream", "here")) {
                peer.send(request(1, action, Message.json("{\"tags\": [null]}")));
                Message error = peer.receive();
                assertThat(error.status()).contains("bad-content");
                assertThat(error.text())
                        .contains("the content does not fit: the check of Tags failed (NullPointerException)");
            }
        }
        assertThat(census.takeFailures()).hasSize(3).allSatisfy(failure -> assertThat(failure)
                .contains("refused the content, since a check of its type threw: java.lang.NullPointerException"));
    }

    @SuppressWarnings({"NullAway", "InfiniteRecursion"}) // a user's handler may do both
    private static Message thrown(String what) throws Exception {
        return switch (what) {
            case "failed" -> throw new ApplicationException("sold-out", "no more of it");
            case "refused" -> throw new RequestRejectedException(ErrorCode.BAD_CONTENT, "not that");
            case "content" -> Message.ofValue(Message.json("{").json());
            case "runtime" -> throw new IllegalStateException("secret");
            case "memory" -> throw new OutOfMemoryError("secret");
            case "stack" -> thrown(what);
            default -> null;
        };
    }

    /** Promise S9: no loop ends, whatever a handler throws, and wherever. */
    @Test
    void tenThousandRandomThrowsEndNoLoop() throws Exception {
        var random = new Random(9);
        List<String> kinds = List.of("failed", "refused", "content", "runtime", "memory", "stack", "null");
        Handler.Simple<Message, Message> thrower = request -> thrown(request.text());
        try (Server server = listen(settings -> settings.on("here", thrower).onLoop("there", thrower));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int i = 0; i < 10_000; i++) {
                String kind = kinds.get(random.nextInt(kinds.size()));
                if (kind.equals("stack") && random.nextInt(200) > 0) {
                    kind = "runtime"; // a full stack takes long to unwind
                }
                peer.send(request(i + 1, random.nextBoolean() ? "here" : "there", text(kind)));
                assertThat(peer.receive().status()).as("seed 9, round %d", i).isPresent();
            }
            peer.send(request(1, "now", text("")));
            assertThat(peer.receive().text()).isEqualTo("now");
        }
        assertThat(census.takeFailures()).isNotEmpty();
    }

    /** The client is not at fault for what another server sent, and does not learn of it. */
    @Test
    void anAnswerThatAHandlerCannotUseIsItsOwnFailure() throws Exception {
        try (Server server = listen(settings -> settings.on("other", request -> Message.json("{\"sum\": 1}"))
                        .on("relay", request -> relay(request.text())));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "relay", text(server.address().toString())));
            Message answer = peer.receive();
            assertThat(answer.status()).contains("internal");
            assertThat(answer.text()).doesNotContain("Total").doesNotContain("tcp:");
        }
        assertThat(census.takeFailures()).singleElement().asString().contains("'relay'", "Total");
    }

    private static Message relay(String address) throws IOException {
        try (Client client = Client.connect(address)) {
            client.call(Action.of("other", Sum.class, Total.class), new Sum(1, 2));
            return text("not reached");
        }
    }

    /** The listener is called while several handlers return: each gets its answer nevertheless. */
    @Test
    void aListenerThatThrowsCostsNoAnswer() throws Exception {
        var throwing = new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                throw new IllegalStateException("the listener's own");
            }
        };
        try (Server server = listen(settings -> settings.observer(throwing).on("broken", request -> {
                    gate.await();
                    throw new IllegalStateException("the handler's own");
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 3; id++) {
                peer.send(request(id, "broken", text("")));
            }
            gate.release(3);
            for (int i = 0; i < 3; i++) {
                assertThat(peer.receive().status()).contains("internal");
            }
        }
    }

    /** Otherwise the failures of all handlers would be of one kind for the limit of the log. */
    @Test
    void theLogNamesTheHandlerOfANestedContent() throws Exception {
        Handler.Simple<Message, Message> thrower = request -> thrown("runtime");
        try (Server server = listen(settings -> settings.on("here", thrower).onLoop("there", thrower));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (String action : List.of("here", "there")) {
                peer.send(Message.json("{\"action\": \"" + action + "\", \"value\": [[1]]}"));
                assertThat(peer.receive().status()).contains("internal");
            }
        }
        assertThat(census.takeFailures())
                .hasSize(2)
                .anySatisfy(failure -> assertThat(failure).startsWith("the handler of 'here' on"))
                .anySatisfy(failure -> assertThat(failure).startsWith("the handler of 'there' on"));
    }
}
