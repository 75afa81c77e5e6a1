package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.frame.ErrorCode;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests what {@code -v} shows: a line for each request with its answer, for each error, and for each end. */
@Timeout(60)
class MessageLogTest {
    record Positive(int n) {
        Positive {
            if (n < 0) {
                throw new IllegalArgumentException("n is negative");
            }
        }
    }

    private static final Action<Positive, Positive> TYPED = Action.of("typed", Positive.class, Positive.class);
    private static final Action<Positive, Positive> COUNT = Action.of("count", Positive.class, Positive.class);

    @RegisterExtension
    final TestBed bed = TestBed.inManualTime();

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final LoopObserver journal = LoopObserver.lines(lines::add);
    private final ManualTicker ticker = bed.ticker();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void letHandlersGo() {
        never.countDown();
    }

    /** Starts a server with a loop of its own, so that the journal gets its connections too. */
    private Server server(UnaryOperator<ServerBuilder> more) throws IOException {
        ServerBuilder builder = Server.builder()
                .on("echo", request -> request)
                .on("no", request -> {
                    throw new RequestRejectedException(ErrorCode.FORBIDDEN, "not for \u001b[31m you");
                })
                .on("slow", request -> {
                    never.await();
                    return request;
                })
                .on(TYPED, question -> question)
                .onStream(COUNT, (question, out) -> {
                    for (int i = 0; i < question.n(); i++) {
                        out.send(new Positive(i));
                    }
                })
                .loop(EventLoop.builder().daemon(true).ticker(ticker))
                .observer(journal);
        return bed.keep(more.apply(builder).listen("tcp://127.0.0.1:0"));
    }

    private Server server() throws IOException {
        return server(builder -> builder);
    }

    /** Returns the one line with this text; ports and times, which vary, are masked. */
    private String line(String text) {
        Await.until("a line with " + text + " in " + lines, () -> lines.stream().anyMatch(one -> one.contains(text)));
        return lines.stream()
                .filter(one -> one.contains(text))
                .reduce((first, second) -> second)
                .orElseThrow()
                .replaceAll("127\\.0\\.0\\.1:\\d+", "PEER")
                .replaceAll("\\d+(\\.\\d+)? (ms|s)\\b", "TIME")
                .replaceAll("connection \\d+", "connection N");
    }

    @Test
    void anAnswerIsALineWithPeerActionSizesStatusAndTime() throws Exception {
        Client client = bed.client(server().address());
        client.call("echo", Message.json("{\"value\": 1}"));
        assertThat(line("echo"))
                .isEqualTo(
                        "connection N: echo from tcp://PEER, 12 bytes of text/json: ok, 12 bytes of text/json, TIME");
        assertThat(line("parley.peer")).startsWith("connection N: parley.peer from tcp://PEER");
        client.close();
        assertThat(line("closed")).startsWith("connection N: closed (").contains("with tcp://PEER");
    }

    @Test
    void theTutorialsRequestIsNamedByItsContentOrItsType() throws Exception {
        MessagePeer peer = bed.peer(server(builder -> builder.otherwise(request -> request)));
        peer.send(Message.json("{\"action\": \"search\", \"value\": \"ring\"}"));
        peer.receive();
        peer.send(Message.binary("binary/of-mine", new byte[3]));
        peer.receive();
        peer.send(Message.json("{\"action\": \"search\", \"value\": [1]}"));
        peer.receive();
        assertThat(line("inside"))
                .contains("a request with its action, if any, inside the content from tcp://PEER, 34");
        assertThat(line("search")).contains("search from tcp://PEER, 37 bytes of text/json: ok, 37 bytes");
        assertThat(line("binary/of-mine"))
                .contains("a request without an action from tcp://PEER, 3 bytes of binary/of-mine: ok, 3 bytes");
    }

    @Test
    void anErrorSaysWhatThePeerWasToldAndIsEscaped() throws Exception {
        Client client = bed.client(server().address());
        assertThatThrownBy(() -> client.call("no", Message.text("x"))).isInstanceOf(RefusedException.class);
        assertThat(line("no from"))
                .contains(": forbidden (not for \\u001b[31m you), ")
                .doesNotContain("\u001b");
        assertThatThrownBy(() -> client.call("ecko", Message.text("x"))).isInstanceOf(RefusedException.class);
        assertThat(line("ecko from")).contains("did you mean 'echo'?");
        assertThatThrownBy(() -> client.call("typed", Message.json("{\"n\": -1}")))
                .isInstanceOf(RefusedException.class);
        assertThat(line("because"))
                .contains("typed from tcp://PEER is refused because of")
                .contains("n is negative");
        client.call("ecko", Message.text("x").with("reply", false));
        assertThat(line("one-way request")).contains("refused: unknown-action (");
    }

    @Test
    void aStreamIsALineWithItsMessages() throws Exception {
        Client client = bed.client(server().address());
        try (InStream<Positive> stream = client.stream(COUNT, new Positive(3))) {
            assertThat(stream.receive()).isNotNull();
            assertThat(stream.receive()).isNotNull();
            assertThat(stream.receive()).isNotNull();
            assertThat(stream.receive()).isNull();
        }
        assertThat(line("count from")).contains(": ok, a stream of 3 messages, 21 bytes, TIME");
    }

    @Test
    void aConnectionThatEndsTellsWhatItsPeerWasTold() throws Exception {
        Server server = server();
        RawPeer broken = bed.keep(RawPeer.connect(server.address()));
        RawPeer slow = bed.keep(RawPeer.connect(server.address()));
        broken.send(new byte[] {0, 4, '{', '}', '}', '}'});
        assertThat(line("bad-header"))
                .contains(": sent bad-header (")
                .endsWith(") to tcp://PEER, which ends the connection");
        byte[] whole = MessagePeer.bytes(MessagePeer.request(1, "echo", Message.binary("a/b", new byte[900])));
        slow.send(Arrays.copyOf(whole, whole.length - 300));
        Await.until("a timeout", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return lines.stream().anyMatch(one -> one.contains("was not complete"));
        });
        assertThat(line("was not complete"))
                .contains(": sent timeout (the content was not complete within TIME: 600 of 900 bytes came,"
                        + " about 20 a second; a stream");
    }

    @Test
    void whatHasNoAnswerIsToldWhenItsConnectionEnds() throws Exception {
        Server server = server();
        MessagePeer gone = bed.peer(server);
        gone.send(MessagePeer.request(7, "slow", Message.text("abc")));
        Await.until("the handler runs", () -> server.requests() > 0);
        gone.raw.reset();
        assertThat(line("slow from"))
                .contains("slow from tcp://PEER, 3 bytes of text/plain: not answered, as the connection is closed (");
    }

    @Test
    void aConnectionForWhichThereIsNoRoomIsToldWithWhatItWasTold() throws Exception {
        Server server = server(
                builder -> builder.loop(EventLoop.builder().daemon(true).limits(Limits.DEFAULT.withConnectionsMax(1))));
        MessagePeer first = bed.peer(server);
        first.send(MessagePeer.request(1, "echo", Message.text("abc")));
        first.receive();
        try (MessagePeer second = MessagePeer.connect(server.address())) {
            assertThat(second.receive().status()).contains("busy");
        }
        assertThat(line("busy"))
                .contains(": sent busy (the server has reached its limit of connections, 1; try again")
                .endsWith(") to tcp://PEER, which ends the connection");
        assertThat(line("closed (limit)")).contains("closed (limit) with tcp://PEER: ");
    }

    @Test
    void aPeerThatTakesNothingIsToldWithWhatItMisses() throws Exception {
        MessagePeer deaf =
                bed.peer(server(builder -> builder.on("large", request -> Message.binary("a/b", new byte[1_000_000]))
                        .limits(MessageLimits.DEFAULT)));
        for (int i = 0; i < 20; i++) {
            deaf.send(Message.json("{\"action\": \"large\"}")); // without an id, so that it gets no pings
        }
        line("large from");
        Await.until("it is cut", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return lines.stream().anyMatch(one -> one.contains(": closed ("));
        });
        assertThat(line(": closed ("))
                .contains("closed (write-timeout) with tcp://PEER: the peer accepted no bytes for TIME, and ")
                .endsWith(" bytes were not sent");
    }

    @Test
    void aClientTellsItsSideAndAnAnswerThatItGaveUp() throws Exception {
        var told = new CopyOnWriteArrayList<String>();
        Server server = server();
        try (EventLoop loop = EventLoop.builder()
                .daemon(true)
                .observer(LoopObserver.lines(told::add))
                .start()) {
            try (Client client = Client.builder(server.address()).loop(loop).connect()) {
                client.call("echo", Message.text("abc"));
                assertThatThrownBy(() ->
                                client.call("slow", Message.text("abc"), CallOptions.timeout(Duration.ofMillis(50))))
                        .isInstanceOf(CallException.class);
            }
            try (Client client =
                    Client.builder(server.address()).plain(true).loop(loop).start()) {
                client.call(Message.json("{\"action\": \"echo\"}"));
            }
            Await.until("the last is told", () -> told.stream().anyMatch(one -> one.contains("18 bytes")));
        }
        assertThat(told)
                .anyMatch(one ->
                        one.contains(": echo to tcp://127.0.0.1:") && one.contains("3 bytes of text/plain: ok, 3"))
                .anyMatch(one -> one.contains(": slow to tcp://") && one.contains(": given up, "))
                .anyMatch(
                        one -> one.contains(": echo to tcp://") && one.contains("18 bytes of text/json: ok, 18 bytes"));
    }

    @Test
    void nothingIsToldToWhomDoesNotAsk() throws Exception {
        LoopObserver silent = new LoopObserver() {
            @Override
            public void traced(ConnectionInfo connection, String line) {
                lines.add(line);
            }
        };
        try (Server server = server(builder -> builder.observer(silent));
                Client client = bed.client(server.address())) {
            client.call("echo", Message.text("abc"));
        }
        assertThat(lines).isEmpty();
    }
}
