package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RequestObserver;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.link.ControlFrames;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests that the observer of requests is called for each request and stream once, however it ends. */
@Timeout(300)
class RequestObserverTest {
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final Action<Message, Message> BOTH = Action.of("both", Message.class, Message.class);
    private static final Action<Message, Message> THERE = Action.of("there", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch mayReturn = new CountDownLatch(1);
    private final CountDownLatch running = new CountDownLatch(1);
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final Queue<Duration> handled = new ConcurrentLinkedQueue<>();

    @AfterEach
    void letGo() {
        mayReturn.countDown();
    }

    private void tell(RequestObserver.Ended over) {
        if (!over.action().startsWith("parley.")) {
            handled.add(over.handled());
            told.add((over.isStream() ? "stream " : "") + over.action() + " " + over.status() + " "
                    + over.requestBytes() + ">" + over.responseBytes());
        }
    }

    private Server server(UnaryOperator<ServerBuilder> more) throws Exception {
        ServerBuilder settings = bed.server()
                .requestObserver(this::tell)
                .onLoop("here", request -> Message.text("here " + request.text()))
                .on("there", request -> Message.text("there " + request.text()))
                .on("fail", request -> {
                    throw new IllegalStateException("on purpose");
                })
                .on("wait", request -> {
                    running.countDown();
                    mayReturn.await();
                    return request;
                })
                .onStream(STREAM, (asked, out) -> {
                    out.send(Message.text("12345"));
                    out.send(Message.text("678"));
                })
                .onDuplex(BOTH, (in, out, exchange) -> {
                    for (Message each : in) {
                        out.send(each);
                    }
                });
        return bed.listen(more.apply(settings));
    }

    private void awaitTold(String... lines) {
        Await.until("all is told", () -> told.size() >= lines.length);
        assertThat(told).containsExactlyInAnyOrder(lines);
        told.clear();
    }

    @Test
    void requestsAreToldWithTheirActionStatusAndBytes() throws Exception {
        Client client = bed.client(server(all -> all).address());
        client.call("here", Message.text("abc"));
        client.call("there", Message.text("abcd"));
        client.send(THERE, Message.text("one way"));
        awaitTold("here ok 3>8", "there ok 4>10", "there ok 7>0");

        assertThatThrownBy(() -> client.call("fail", Message.text("x"))).isInstanceOf(CallException.class);
        assertThatThrownBy(() -> client.call("unknown", Message.text("x"))).isInstanceOf(CallException.class);
        Await.until("both are told", () -> told.size() == 2);
        assertThat(told).element(0).asString().startsWith("fail internal 1>");
        assertThat(told).element(1).asString().startsWith("unknown unknown-action 1>");
        assertThat(bed.census().takeFailures()).hasSize(1);
    }

    @Test
    void streamsAreToldAtTheirEndWithTheBytesOfBothDirections() throws Exception {
        Client client = bed.client(server(all -> all).address());
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            assertThat(stream).hasSize(2);
        }
        awaitTold("stream stream ok 1>8");
        try (Duplex<Message, Message> both = client.duplex(BOTH)) {
            for (int i = 0; i < 10; i++) {
                both.send(Message.text("0123456789"));
            }
            both.end();
            assertThat(both).hasSize(10);
        }
        awaitTold("stream both ok 100>100");
    }

    @Test
    void whatTheClientGivesUpIsToldAsCancelledOrTimedOut() throws Exception {
        Client client = bed.client(server(all -> all).address());
        assertThatThrownBy(() -> client.call("wait", Message.text("x"), CallOptions.timeout(Duration.ofMillis(50))))
                .isInstanceOf(CallException.class);
        Await.until("it is told", () -> !told.isEmpty());
        assertThat(told).singleElement().asString().matches("wait (timeout|cancelled) 1>\\d+");
        assertThat(handled).element(0).satisfies(time -> assertThat(time)
                .isBetween(Duration.ofMillis(10), Duration.ofMinutes(5)));
    }

    /** The requests are refused before their turn, and while they wait for it. */
    @Test
    void whatNeverReachesAHandlerIsToldToo() throws Exception {
        Server server = server(all -> all.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
        MessagePeer peer = bed.peer(server);
        peer.send(MessagePeer.request(1, "wait", Message.text("a")));
        running.await();
        peer.send(MessagePeer.request(2, "there", Message.text("bc")));
        peer.send(MessagePeer.request(3, "there", Message.text("def")));
        peer.send(ControlFrames.of("cancel", 2));
        awaitTold("there cancelled 2>" + lengthOfError("cancelled", "the client cancelled the request"));
        peer.close();
        awaitTold("wait lost 1>0", "there lost 3>0");
    }

    /** Returns the length of an error response's content (docs/protocol.md, section 9). */
    private static int lengthOfError(String code, String text) {
        return ("{\"result\": \"Error: " + text + "\", \"code\": \"" + code + "\"}").length();
    }

    @Test
    void aRequestThatCannotBeReadIsToldWithoutAnAction() throws Exception {
        Server server = server(all -> all);
        MessagePeer peer = bed.peer(server);
        String header = "{\"byteorder\": \"big\", \"content-type\": \"text/json\", \"content-encoding\": \"utf-99\", "
                + "\"content-length\": 2, \"action\": \"there\", \"id\": 7}";
        peer.raw.send(new byte[] {0, (byte) header.length()}).send(header + "{}");
        Await.until("it is told", () -> !told.isEmpty());
        assertThat(told).singleElement().asString().startsWith(" unsupported-encoding 0>");
    }

    @Test
    void anObserverThatThrowsHarmsNoRequest() throws Exception {
        var throwing = new AtomicBoolean(true);
        Client client = bed.client(server(all -> all.requestObserver(over -> {
                    if (throwing.get()) {
                        throw new IllegalStateException("on purpose");
                    }
                    tell(over);
                }))
                .address());
        assertThat(client.call("there", Message.text("x")).text()).isEqualTo("there x");
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        throwing.set(false);
        client.call("here", Message.text("x"));
        awaitTold("here ok 1>6");
        assertThat(bed.census().takeFailures()).isNotEmpty().allSatisfy(failure -> assertThat(failure.toString())
                .contains("the observer of requests threw"));
    }

    @Test
    void aLineSaysAllOfIt() throws Exception {
        var lines = new ConcurrentLinkedQueue<String>();
        Client client = bed.client(server(all -> all.requestObserver(RequestObserver.lines(lines::add)))
                .address());
        client.call(
                "there",
                Message.text("x"),
                CallOptions.DEFAULT.withHeader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-01"));
        Await.until("it is told", () -> lines.stream().anyMatch(line -> line.contains("'there'")));
        List<String> there =
                lines.stream().filter(line -> line.contains("'there'")).toList();
        assertThat(there)
                .singleElement()
                .asString()
                .matches("connection \\d+ from tcp://127.0.0.1:\\d+: 'there' ok, 1 bytes to 7, waited 0.0 ms,"
                        + " took \\d+\\.\\d ms, trace 00-0af7651916cd43dd8448eb211c80319c-01");
    }

    /** Only a scan finds the name there, which the route keeps. */
    @Test
    void theActionOfANestedContentIsNamedToo() throws Exception {
        Client client = bed.client(server(all -> all).address());
        client.call(Message.json("{\"action\": \"there\", \"value\": [1, {\"x\": 2}]}"));
        assertThatThrownBy(() -> client.call(Message.json("{\"action\": \"ther\", \"value\": [1, {\"x\": 2}]}")))
                .isInstanceOf(CallException.class);
        Await.until("both are told", () -> told.size() == 2);
        assertThat(told).first().asString().startsWith("there ok");
        assertThat(told).last().asString().startsWith("ther unknown-action");
    }
}
