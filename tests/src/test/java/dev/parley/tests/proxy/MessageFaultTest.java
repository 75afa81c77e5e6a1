package dev.parley.tests.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.testkit.Await;
import dev.parley.testkit.FaultProxy;
import dev.parley.testkit.ManualTicker;
import dev.parley.testkit.MessageFault;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the proxy does when a certain message passes, between our client, the tutorial's, and our server. */
@Timeout(300)
class MessageFaultTest {
    record Search(String value) {}

    record Answer(String result) {}

    private static final Action<Search, Answer> SEARCH = Action.of("search", Search.class, Answer.class);
    private static final Action<Search, Answer> OTHER = Action.of("other", Search.class, Answer.class);
    private static final Action<Message, Answer> PUT = Action.of("put", Message.class, Answer.class);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final long SEED = Long.getLong("parley.proxy.seed", 26);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    /** The time of the proxy alone; the server and its clients use the time of the system. */
    private final ManualTicker ticker = bed.ticker();

    private final FaultProxy proxy;

    MessageFaultTest() throws IOException {
        Server server = bed.listen(bed.server()
                .on(SEARCH, search -> new Answer(search.value()))
                .on(OTHER, search -> new Answer("other"))
                .onUpload(PUT, in -> new Answer(Integer.toString(in.bytes().readAllBytes().length))));
        proxy = bed.keep(FaultProxy.to(server.address())
                .seed(SEED)
                .ticker(ticker)
                .observer(bed.census())
                .start());
    }

    private Client connect() throws IOException {
        return bed.client(proxy.address());
    }

    private static void works(Client client, String value) throws IOException {
        assertThat(client.call(SEARCH, new Search(value)).result()).isEqualTo(value);
    }

    @Test
    void theThirdResponseToSearchIsAReset() throws IOException {
        MessageFault fault = proxy.onResponse("search", 3).reset();
        Client client = connect();
        works(client, "1");
        client.call(OTHER, new Search("x"));
        works(client, "2");
        assertThat(fault.times()).isZero();
        assertThatThrownBy(() -> client.call(SEARCH, new Search("3")))
                .isInstanceOf(ConnectionLostException.class)
                .matches(e -> ((CallException) e).outcome() == CallException.Outcome.UNKNOWN);
        assertThat(fault.times()).isOne();
        works(connect(), "4");
    }

    @Test
    void theSecondRequestNeverArrives() throws IOException {
        proxy.onRequest("search", 2).drop();
        Client client = connect();
        works(client, "1");
        assertThatThrownBy(() -> client.call(SEARCH, new Search("2"), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        works(client, "3");
    }

    @Test
    void fromTheSecondResponseOnNothingArrives() throws IOException {
        proxy.onResponse(3).blackhole(); // the first one says who the server is
        Client client = connect();
        works(client, "1");
        assertThatThrownBy(() -> client.call(SEARCH, new Search("2"), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        assertThatThrownBy(() -> client.call(SEARCH, new Search("3"), CallOptions.timeout(SHORT)))
                .isInstanceOf(TimedOutException.class);
        works(connect(), "on another connection");
    }

    @Test
    void aBlackHoleEndsWhenBothPeersHaveEnded() throws IOException {
        proxy.onResponse("search", 1).blackhole();
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(request("search", "x", 0)).shutdownOutput();
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        Await.until("the proxy has closed both connections", () -> proxy.openConnections() == 0);
    }

    /** If a black hole begins late, the end that its peer has sent meanwhile is lost too. */
    @ParameterizedTest
    @CsvSource({"false, 0", "false, 60", "true, 0", "true, 60"})
    void aBlackHoleEndsWhereverAndWheneverItBegins(boolean inBothDirections, long delaySeconds) throws IOException {
        Duration delay = Duration.ofSeconds(delaySeconds);
        proxy.onResponse(1).delay(delay).blackhole();
        if (inBothDirections) {
            proxy.onRequest("last", 1).delay(delay).blackhole();
        }
        var ended = new AtomicInteger();
        var listener = bed.loop().listen("tcp://127.0.0.1:0", (connection, received) -> {
            received.position(received.limit());
            if (ended.getAndIncrement() == 0) {
                connection.send(frame("\"id\":5", "{}"));
                connection.shutdownOutput();
            }
        });
        proxy.server(listener.address());
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(frame("\"action\":\"first\",\"id\":5", "{}"));
            Await.until("the server has ended", () -> ended.get() > 0);
            peer.send(frame("\"action\":\"last\",\"id\":6", "{}")).shutdownOutput();
            Await.until("the proxy has closed both connections", () -> {
                ticker.advance(Duration.ofSeconds(1));
                return proxy.openConnections() == 0;
            });
            assertThat(peer.receiveToEnd()).isEmpty();
        }
    }

    /** An upload is one request, whose later messages have its id alone. */
    @Test
    void theResponseToAnUploadIsKnown() throws IOException {
        Client client = connect();
        MessageFault requests = proxy.onEachRequest("put").delay(Duration.ZERO);
        MessageFault second = proxy.onRequest(2).delay(Duration.ZERO);
        MessageFault response = proxy.onResponse("put", 2).reset();
        byte[] content = new byte[300_000];
        assertThat(client.upload(PUT, new ByteArrayInputStream(content))).isEqualTo(new Answer("300000"));
        assertThat(requests.times()).isOne();
        assertThat(second.times()).isZero();
        works(client, "the next request");
        assertThat(second.times()).isOne();
        assertThatThrownBy(() -> client.upload(PUT, new ByteArrayInputStream(content)))
                .isInstanceOf(ConnectionLostException.class);
        assertThat(response.times()).isOne();
    }

    @Test
    void aStreamThatWasCancelledIsOver() throws IOException {
        MessageFault requests = proxy.onRequest(2).delay(Duration.ZERO);
        String more = ",\"id\":5,\"more\":true";
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(frame("\"action\":\"put\"" + more, "{}")).send(frame("\"x\":1" + more, "{}"));
            peer.send(frame("\"control\":\"cancel\",\"id\":5", ""));
            String last = "";
            while (!last.contains("cancelled")) { // the answer is behind all that the proxy has seen
                last = new String(answer(peer), StandardCharsets.UTF_8);
            }
            assertThat(requests.times()).as("the stream is one request").isZero();
            peer.send(frame("\"action\":\"search\",\"id\":5", "{}"));
            Await.until("the next one is a request", () -> requests.times() == 1);
        }
    }

    private static byte[] frame(String keys, String content) {
        String header = "{\"byteorder\":\"little\",\"content-type\":\"text/json\",\"content-encoding\":\"utf-8\","
                + "\"content-length\":" + content.length() + "," + keys + "}";
        return ("\0" + (char) header.length() + header + content).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void eachResponseIsLate() throws Exception {
        proxy.onEachResponse("search").delay(Duration.ofMinutes(1));
        Client client = connect();
        assertThat(client.call(OTHER, new Search("x")).result()).isEqualTo("other");
        var late = client.callAsync(SEARCH, new Search("late")).toCompletableFuture();
        Await.until("it has come", () -> {
            ticker.advance(Duration.ofSeconds(1));
            return late.isDone();
        });
        assertThat(late.get().result()).isEqualTo("late");
    }

    @Test
    void aMessageIsCutInTheMiddle() throws IOException {
        proxy.onResponse("search", 1).cut();
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(request("search", "x", 0));
            byte[] half = peer.receive(2 + 103 + 14 - (2 + 103 + 14) / 2 - 1);
            assertThat(half[2]).isEqualTo((byte) '{');
            assertThatThrownBy(peer::receiveToEnd).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 60, 110})
    void aMessageIsCutWhereTheTestSays(long after) throws IOException {
        proxy.onResponse("search", 1).resetAfter(after);
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(request("search", "x", 0));
            assertThat(peer.receive((int) after)).hasSize((int) after);
            assertThatThrownBy(peer::receiveToEnd).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aByteOfTheContentIsChanged() throws IOException {
        proxy.onResponse("search", 2).corrupt();
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            byte[] first = answer(peer.send(request("search", "x", 0)));
            byte[] second = answer(peer.send(request("search", "x", 0)));
            assertThat(second).as("%s", proxy).isNotEqualTo(first).hasSameSizeAs(first);
            int changed = 0;
            for (int i = 0; i < first.length; i++) {
                if (first[i] != second[i]) {
                    changed++;
                    assertThat(i).as("%s", proxy).isGreaterThanOrEqualTo(2 + (first[0] << 8 | first[1]));
                }
            }
            assertThat(changed).as("%s", proxy).isOne();
        }
    }

    @Test
    void aByteOfTheHeaderIsChangedAndTheServerSaysSo() throws IOException {
        proxy.onRequest(1).corruptAt(3);
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(request("search", "x", 0)).shutdownOutput();
            assertThat(new String(peer.receiveToEnd(), StandardCharsets.UTF_8)).contains("bad-header");
        }
    }

    @Test
    void theServerGoesDownAsTheRequestArrives() throws IOException {
        proxy.onRequest("search", 2).run(proxy::down);
        Client client = connect();
        works(client, "1");
        assertThatThrownBy(() -> client.call(SEARCH, new Search("2"))).isInstanceOf(ConnectionLostException.class);
        Await.until("who connects is refused", this::isRefused); // it went down on its own thread
        proxy.up();
        works(connect(), "3");
    }

    private boolean isRefused() {
        try (RawPeer _ = RawPeer.connect(proxy.address())) {
            return false;
        } catch (IOException refused) {
            return true;
        }
    }

    /** The action is in the content and not in the header: the bytes are held until it is known. */
    @Test
    void plainRequestsAreKnownByTheirContentHoweverTheyAreCut() throws IOException {
        MessageFault second = proxy.onRequest("search", 2).delay(Duration.ZERO);
        MessageFault response = proxy.onResponse("search", 2).drop();
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            String one = new String(answer(peer.sendByteByByte(request("search", "one", 0))), StandardCharsets.UTF_8);
            assertThat(one).endsWith("{\"result\":\"one\"}");
            answer(peer.sendByteByByte(request("other", "x", 0)));
            assertThat(second.times()).isZero();
            peer.sendByteByByte(request("search", "dropped", 0));
            peer.sendByteByByte(request("search", "three", 0)).shutdownOutput();
            String rest = new String(peer.receiveToEnd(), StandardCharsets.UTF_8);
            assertThat(rest).doesNotContain("dropped").endsWith("{\"result\":\"three\"}");
        }
        assertThat(second.times()).isOne();
        assertThat(response.times()).isOne();
    }

    @Test
    void responsesOutOfOrderAreKnownByTheirIds() throws IOException {
        proxy.onResponse("other", 1).drop();
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(request("search", "one", 7))
                    .send(request("other", "x", 8))
                    .send(request("search", "two", 9));
            peer.shutdownOutput();
            String all = new String(peer.receiveToEnd(), StandardCharsets.UTF_8);
            assertThat(all).contains("\"one\"", "\"two\"").doesNotContain("\"other\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\n\r\n", "\0\5{\"a\"", "\0\2{}", "\0\60{\"content-length\": \"never\", 1: [{}]"
            })
    void whatIsNoMessagePassesUnseen(String bytes) throws IOException {
        MessageFault any = proxy.onRequest(1).reset();
        var seen = new ByteArrayOutputStream();
        var listener = bed.loop().listen("tcp://127.0.0.1:0", (connection, received) -> {
            while (received.hasRemaining()) {
                seen.write(received.get());
            }
        });
        proxy.server(listener.address());
        try (RawPeer peer = RawPeer.connect(proxy.address())) {
            peer.send(bytes).shutdownOutput();
            assertThat(peer.receiveToEnd()).isEmpty();
        }
        assertThat(seen.toString(StandardCharsets.UTF_8)).isEqualTo(bytes);
        assertThat(any.times()).isZero();
    }

    /** Returns a message as the tutorial's client writes it; with an id of 0 it has none. */
    private static byte[] request(String action, String value, int id) {
        byte[] content =
                ("{\"action\": \"" + action + "\", \"value\": \"" + value + "\"}").getBytes(StandardCharsets.UTF_8);
        byte[] header = ("{\"byteorder\": \"little\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-8\","
                        + " \"content-length\": " + content.length + (id == 0 ? "" : ", \"id\": " + id) + "}")
                .getBytes(StandardCharsets.UTF_8);
        var frame = new ByteArrayOutputStream();
        frame.write(header.length >> 8);
        frame.write(header.length);
        frame.writeBytes(header);
        frame.writeBytes(content);
        return frame.toByteArray();
    }

    /** Returns one message whose header says the length last, as our server writes it. */
    private static byte[] answer(RawPeer peer) throws IOException {
        byte[] length = peer.receive(2);
        byte[] header = peer.receive((length[0] & 0xff) << 8 | length[1] & 0xff);
        String text = new String(header, StandardCharsets.UTF_8);
        String digits = text.replaceAll(".*\"content-length\": (\\d+).*", "$1");
        var frame = new ByteArrayOutputStream();
        frame.writeBytes(length);
        frame.writeBytes(header);
        frame.writeBytes(peer.receive(Integer.parseInt(digits)));
        return frame.toByteArray();
    }
}
