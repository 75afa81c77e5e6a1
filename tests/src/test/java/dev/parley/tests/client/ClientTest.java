package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallException.Outcome;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.ConnectionLostException;
import dev.parley.ContentException;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the full client against our server, against servers of the tutorial, and against servers that lie. */
@Timeout(300)
class ClientTest {
    record Search(String value) {}

    record Answer(String result) {}

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Address FREE = Address.parse("tcp://127.0.0.1:0");

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Census census = bed.census();
    private final EventLoop loop = bed.loop();

    private Client connect(Address address) throws IOException {
        return bed.keep(Client.builder(address).loop(loop).connect());
    }

    /** Opens a client of a server that the test plays, on the test's own thread. */
    private Client open(ServerSocketChannel listening) throws IOException {
        return bed.keep(Client.builder(RawPeer.addressOf(listening)).loop(loop).start());
    }

    /** The exception was made on the loop, but must show who called. */
    @Test
    void whatACallThrowsShowsWhoAsked() throws Exception {
        Server server = serve(Server.builder().on(SEARCH, search -> {
            throw new ApplicationException("sold-out", "none left");
        }));
        Client client = connect(server.address());
        assertThatThrownBy(() -> client.call(SEARCH, new Search("x")))
                .satisfies(thrown -> assertThat(thrown.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().startsWith(ClientTest.class.getName())));
    }

    private Server serve(ServerBuilder settings) throws IOException {
        return bed.keep(settings.observer(census).listen(loop, FREE));
    }

    /** Returns a client that knows its peer from a first message, so that further messages may be many at once. */
    private Client known(Address address) throws IOException {
        Client client = connect(address);
        client.call("hello", Message.json("{\"say\": 1}"));
        return client;
    }

    private static ServerBuilder withHello() {
        return Server.builder().onLoop("hello", request -> Message.text("hello"));
    }

    @Test
    void asksAndGetsAnAnswer() throws Exception {
        Server server = serve(Server.builder().on(SEARCH, search -> new Answer("found " + search.value())));
        Client client = connect(server.address());
        assertThat(client.call(SEARCH, new Search("a")).result()).isEqualTo("found a");
        assertThat(client.call(SEARCH, new Search("ä🐶")).result()).isEqualTo("found ä🐶");
        assertThat(client.callAsync(SEARCH, new Search("b"))
                        .toCompletableFuture()
                        .get()
                        .result())
                .isEqualTo("found b");
        assertThat(server.openConnections()).isEqualTo(1);
    }

    @Test
    void manyCallsShareOneConnection() throws Exception {
        var all = new CountDownLatch(50);
        Server server = serve(withHello().on("gather", request -> {
            all.countDown();
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
            return request;
        }));
        Client client = known(server.address());
        var calls = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 50; i++) {
            calls.add(client.callAsync("gather", Message.text("call " + i), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture());
        }
        for (int i = 0; i < 50; i++) {
            assertThat(calls.get(i).get().text()).isEqualTo("call " + i);
        }
        assertThat(server.openConnections()).isEqualTo(1);
    }

    @Test
    void aRefusalHasItsCodeAndWhatIsKnown() throws Exception {
        Server server = serve(Server.builder().on("buy", request -> {
            throw new ApplicationException("sold-out", "no more of it");
        }));
        Client client = connect(server.address());
        assertThatThrownBy(() -> client.call("buy", Message.json("{\"n\": 1}")))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.code()).isEqualTo("failed");
                    assertThat(e.applicationCode()).isEqualTo("sold-out");
                    assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
                    assertThat(e)
                            .hasMessageContaining(
                                    server.address() + " answered failed (sold-out) to 'buy': no more of it");
                    assertThat(e.reason()).isEqualTo("no more of it");
                });
        assertThatThrownBy(() -> client.call("sell", Message.json("{\"n\": 1}")))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.code()).isEqualTo("unknown-action");
                    assertThat(e.applicationCode()).isEmpty();
                    assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED);
                });
    }

    @Test
    void anAnswerThatDoesNotFitSaysWhichField() throws Exception {
        Server server = serve(Server.builder().onLoop("search", request -> Message.json("{\"result\": [1]}")));
        Client client = connect(server.address());
        assertThatThrownBy(() -> client.call(SEARCH, new Search("x")))
                .isInstanceOf(ContentException.class)
                .hasMessageContaining("not with Answer: the content does not fit: result: expected text");
    }

    @Test
    void everyCallEndsByItsDeadlineAndALateAnswerIsDropped() throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var hello = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (MessagePeer server = MessagePeer.of(RawPeer.accept(listening))) {
                answer(server, "hello");
                assertThat(hello.get().text()).isEqualTo("hello");
                assertThatThrownBy(
                                () -> client.call("x", Message.text("x"), CallOptions.timeout(Duration.ofMillis(50))))
                        .isInstanceOfSatisfying(TimedOutException.class, e -> assertThat(e.outcome())
                                .isEqualTo(Outcome.UNKNOWN))
                        .hasMessageContaining("within 50 ms");
                answer(server, "too late");
                var third = client.callAsync("x", Message.text("x"), CallOptions.timeout(PATIENCE))
                        .toCompletableFuture();
                answer(server, "in time");
                assertThat(third.get().text()).isEqualTo("in time");
                assertThat(client.lateResponses()).isEqualTo(1);
            }
        }
    }

    private static void answer(MessagePeer server, String text) throws IOException {
        Message request = server.receive();
        server.send(
                Message.text(text).going(Direction.RESPONSE, request.header().id()));
    }

    @Test
    void whatWasSentOnALostConnectionFailsAndTheNextCallMakesAnother() throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var first = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            var second = client.callAsync("x", Message.json("{\"n\": 2}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (MessagePeer server = MessagePeer.of(RawPeer.accept(listening))) {
                assertThat(server.receive().text()).isEqualTo("{\"n\": 1}");
                assertThat(server.receive().text()).isEqualTo("{\"n\": 2}");
                server.raw.reset();
            }
            for (var each : List.of(first, second)) {
                assertThat(failureOf(each))
                        .isInstanceOfSatisfying(ConnectionLostException.class, e -> assertThat(e.outcome())
                                .isEqualTo(Outcome.UNKNOWN));
            }
            var third = client.callAsync("x", Message.json("{\"n\": 3}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (MessagePeer server = MessagePeer.of(RawPeer.accept(listening))) {
                Message request = server.receive();
                assertThat(request.text()).isEqualTo("{\"n\": 3}");
                server.send(Message.text("third")
                        .going(Direction.RESPONSE, request.header().id()));
                assertThat(third.get().text()).isEqualTo("third");
            }
        }
    }

    private static Throwable failureOf(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
            throw new AssertionError("it did not fail");
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            return cause instanceof CompletionException ? Objects.requireNonNull(cause.getCause()) : cause;
        }
    }

    @Test
    void aMissingServerIsReportedAtOnce() throws Exception {
        Address address;
        try (ServerSocketChannel listening = RawPeer.listen()) {
            address = RawPeer.addressOf(listening);
        }
        assertThatThrownBy(() -> Client.builder(address).loop(loop).connect())
                .isInstanceOf(ConnectFailedException.class);
        assertThatThrownBy(() ->
                        Client.builder(Address.parse("tcp://*:1")).loop(loop).connect())
                .hasMessageContaining("to connect, name a host");
    }

    // Peers that we do not know.

    /** Answers like the tutorial's server: one request, one answer without an id, the end. */
    private static Message answerPlainly(ServerSocketChannel listening, String json) throws IOException {
        try (MessagePeer server = MessagePeer.unknown(RawPeer.accept(listening))) {
            Message request = server.receive();
            server.send(Message.json(json));
            return request;
        }
    }

    @Test
    void aServerOfTheTutorialsIsServedAsItKnows() throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var first = client.callAsync(SEARCH, new Search("a"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            Message question = answerPlainly(listening, "{\"result\": \"Error: invalid action\"}");
            assertThat(question.text()).isEqualTo("{\"action\": \"parley.peer\"}");
            assertThat(question.header().id()).isEqualTo(1);
            Message plain = answerPlainly(listening, "{\"result\": \"one\"}");
            assertThat(plain.text()).isEqualTo("{\"action\": \"search\", \"value\":\"a\"}");
            assertThat(plain.header().id()).isZero();
            assertThat(plain.header().others()).isEmpty();
            assertThat(first.get().result()).isEqualTo("one");
            var second = client.callAsync(SEARCH, new Search("b"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            assertThat(answerPlainly(listening, "{\"result\": \"two\"}").text()).contains("\"b\"");
            assertThat(second.get().result()).isEqualTo("two");
            var third = client.callAsync("search", Message.json("{}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            assertThat(answerPlainly(listening, "{\"result\": \"three\"}").text())
                    .isEqualTo("{\"action\": \"search\"}");
            assertThat(third.get().text()).contains("three");
            var fourth = client.callAsync("search", Message.json("[]"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            assertThat(failureOf(fourth)).isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.outcome())
                    .isEqualTo(Outcome.NOT_PROCESSED));
        }
    }

    /** The content is sent as it was written, first or not; a server of the tutorial's would spin on some of these. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"k\": 1}",
                "{}",
                "[]",
                "0",
                "0.0",
                "\"\"",
                "null",
                "false",
                "[1]",
                "7",
                "{\"action\": \"other\"}",
                "bytes",
                ""
            })
    void theFirstRequestIsSentAsItWasWrittenOnceThePeerIsKnown(String content) throws Exception {
        Message request = content.equals("bytes") || content.isEmpty()
                ? Message.binary("x/y", content.getBytes(StandardCharsets.UTF_8))
                : Message.json(content);
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var call = client.callAsync("x", request, CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (MessagePeer server = MessagePeer.unknown(RawPeer.accept(listening))) {
                Message question = server.receive();
                assertThat(question.text()).isEqualTo("{\"action\": \"parley.peer\"}");
                assertThat(question.header().text(Header.ACTION)).isEqualTo("parley.peer");
                server.send(Message.json("{\"result\": \"parley\"}")
                        .going(Direction.RESPONSE, question.header().id()));
                Message asked = server.receive();
                assertThat(asked.content()).isEqualTo(request.content());
                assertThat(asked.header().text(Header.ACTION)).isEqualTo("x");
                server.send(Message.text("done")
                        .going(Direction.RESPONSE, asked.header().id()));
                assertThat(call.get().text()).isEqualTo("done");
            }
        }
    }

    @Test
    void ourOwnServerIsAskedFirstWithoutAnybodyNoticing() throws Exception {
        Server server = serve(Server.builder().onLoop("length", request -> Message.ofValue(request.content().length)));
        assertThat(connect(server.address())
                        .call("length", Message.binary("x/y", new byte[0]))
                        .text())
                .isEqualTo("0");
        assertThat(connect(server.address()).call("length", Message.json("{}")).text())
                .isEqualTo("2");
    }

    // Servers that lie.

    private interface Lie {
        void tell(MessagePeer server, long id) throws IOException;
    }

    /** Returns the failure if the server lies in place of the first answer, before it has said who it is. */
    private CallException liedAtOnce(String bytes) throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var call = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (RawPeer server = RawPeer.accept(listening)) {
                server.send(bytes);
                return (CallException) failureOf(call);
            }
        }
    }

    private CallException lied(Lie lie) throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var call = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            try (MessagePeer server = MessagePeer.of(RawPeer.accept(listening))) {
                lie.tell(server, server.receive().header().id());
                return (CallException) failureOf(call);
            }
        }
    }

    @Test
    void whatIsNoAnswerIsToldInWords() throws Exception {
        assertThat(liedAtOnce("garbage")).hasMessageContaining("it speaks something else");
        assertThat(liedAtOnce("HTTP/1.1 400")).hasMessageContaining("it speaks HTTP");
        assertThat(lied((server, id) -> server.raw.send("garbage")))
                .hasMessageContaining("after its answers come bytes that do not begin a message");
        assertThat(lied((server, id) ->
                        server.raw.send((byte) 0, (byte) 9, (byte) '{').shutdownOutput()))
                .hasMessageContaining("it closed in the middle of its answer");
        assertThat(lied((server, id) -> server.raw.shutdownOutput())).hasMessageContaining("it closed the connection");
        assertThat(lied((server, id) -> server.send(Message.text("x").going(Direction.RESPONSE, id + 1))))
                .hasMessageContaining("never sent");
        assertThat(lied((server, id) -> server.send(MessagePeer.unchecked(
                        Message.text("x").going(Direction.RESPONSE, id), "content-coding", "br"))))
                .hasMessageContaining("content-coding must be gzip");
        assertThat(lied((server, id) -> server.raw.send((byte) 0, (byte) 2, (byte) '{', (byte) '}')))
                .hasMessageContaining("content-length is missing");
    }

    @Test
    void aLastMessageSaysWhyForAllThatWasPending() throws Exception {
        CallException failure = lied((server, id) -> server.send(Message.json("{\"result\": \"Error: full\"}")
                .with(Header.STATUS, "too-many-errors")
                .withProtocolKey(Header.CLOSE, true)));
        assertThat(failure).isInstanceOfSatisfying(RefusedException.class, e -> {
            assertThat(e.code()).isEqualTo("too-many-errors");
            assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED);
        });
    }

    @Test
    void closingTheClientEndsItsCalls() throws Exception {
        try (ServerSocketChannel listening = RawPeer.listen()) {
            Client client = open(listening);
            var call = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            client.close();
            assertThat(failureOf(call)).isInstanceOf(ClientClosedException.class);
            var after = client.callAsync("x", Message.json("{\"n\": 1}"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture();
            assertThat(failureOf(after))
                    .isInstanceOfSatisfying(ClientClosedException.class, e -> assertThat(e.outcome())
                            .isEqualTo(Outcome.NOT_PROCESSED));
        }
    }

    @Test
    void aBlockingCallOnTheLoopItselfIsRefused() throws Exception {
        Server server = serve(withHello());
        Client client = known(server.address());
        var refused = new CompletableFuture<Throwable>();
        loop.execute(() -> {
            try {
                client.call("hello", Message.text("x"));
            } catch (IOException | RuntimeException e) {
                refused.complete(e);
            }
        });
        assertThat(refused.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would block the loop");
    }
}
