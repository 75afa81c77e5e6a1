package dev.parley.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.Cluster;
import dev.parley.Duplex;
import dev.parley.Exchange;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.UploadHandler;
import dev.parley.frame.Header;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests streams that pass from one node to another; StreamTest tests what all streams do. */
@Timeout(300)
class ClusterStreamsTest {
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);
    private static final Action<String, String> TALK = Action.of("talk", String.class, String.class);
    private static final Action<Message, Message> FILE = Action.of("file", Message.class, Message.class);
    private static final Action<String, Message> FETCH = Action.of("fetch", String.class, Message.class);

    @RegisterExtension
    private final TestBed bed = TestBed.inRealTime();

    private final ClusterBed nodes = new ClusterBed(bed);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource
    void filesPassInBothDirections(Over over) throws Exception {
        var content = new byte[3_000_001];
        new Random(7).nextBytes(content);
        Path file = Files.write(directory.resolve("file"), content);
        nodes.listen(nodes.node(over)
                .onStream(FETCH, (name, out) -> out.sendFile(directory.resolve(name)))
                .onUpload(FILE, in -> {
                    byte[] all = in.bytes().readAllBytes();
                    return Message.text(Integer.toString(Arrays.hashCode(all)));
                }));
        Client client = nodes.entrance(over);
        try (InStream<Message> fetched = client.stream(FETCH, "file")) {
            assertThat(fetched.bytes().readAllBytes()).isEqualTo(content);
        }
        assertThat(client.upload(FILE, file).text()).isEqualTo(Integer.toString(Arrays.hashCode(content)));
    }

    @ParameterizedTest
    @EnumSource
    void aFirstMessageOfAnyTypeKeepsItsContent(Over over) throws Exception {
        Action<Message, Message> twice = Action.of("twice", Message.class, Message.class);
        nodes.listen(nodes.node(over).onStream(twice, (first, out) -> {
            out.send(first);
            out.send(first);
        }));
        Client client = nodes.entrance(over);
        for (String type : List.of("application/octet-stream", "text/plain", "x")) {
            for (int length : List.of(0, 1, 5_000)) {
                Message sent = Message.binary(type, new byte[length]);
                try (InStream<Message> back = client.stream(twice, sent)) {
                    int received = 0;
                    for (Message each : back) {
                        assertThat(each.content()).as(type).hasSize(length);
                        received++;
                    }
                    boolean isMark = length == 0 && type.equals("application/octet-stream");
                    assertThat(received).as(type + " " + length).isEqualTo(isMark ? 0 : 2);
                } catch (UncheckedIOException emptyQuestion) {
                    assertThat(length).as(type + " " + emptyQuestion).isZero();
                }
            }
        }
    }

    /** A request that cannot be read, or whose action is a stream, gets an error, and the connection stays. */
    @ParameterizedTest
    @EnumSource
    void whatCannotBePassedOnIsRefusedAndTheConnectionStays(Over over) throws Exception {
        nodes.listen(nodes.node(over).on("echo", request -> request).onStream(COUNT, (to, out) -> out.send(to)));
        Server entrance = nodes.listen(nodes.node(over));
        Client client = bed.keep(Client.connect(entrance.address()));
        assertThat(client.call("echo", Message.text("first")).text()).isEqualTo("first");
        for (String text : List.of("{bad", "", "[", "{\"action\": \"echo\"", "x".repeat(300_000))) {
            assertThatThrownBy(() -> client.call(Message.json(text)))
                    .isInstanceOfSatisfying(RefusedException.class, e -> {
                        assertThat(e.code()).isIn("bad-content", "unknown-action");
                    });
        }
        try (Client plain = Client.builder(entrance.address()).plain(true).connect()) {
            Message asked = Message.json("{\"action\": \"count\"}");
            assertThatThrownBy(() -> plain.call(asked))
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.outcome()).isNotNull());
        }
        assertThat(client.call("echo", Message.text("last")).text()).isEqualTo("last");
        assertThat(client.state()).isEqualTo(ClientState.READY);
    }

    /** The peer gets the same code as from a server that handles the upload itself, and its handler does not go on. */
    @ParameterizedTest
    @EnumSource
    void aPieceThatDoesNotUnpackEndsItsUpload(Over over) throws Exception {
        var ended = new AtomicInteger();
        var begun = new Semaphore(0);
        UploadHandler.Simple<Message, Message> counting = in -> {
            try {
                int count = 0;
                while (in.receive() != null) {
                    count++;
                    begun.release();
                }
                return Message.text("whole: " + count);
            } finally {
                ended.incrementAndGet();
            }
        };
        Server direct = nodes.listen(bed.server().onUpload(FILE, counting));
        nodes.listen(nodes.node(over).onUpload(FILE, counting));
        Server entrance = nodes.listen(nodes.node(over));
        var codes = new ArrayList<String>();
        for (Server server : List.of(direct, entrance)) {
            MessagePeer peer = bed.peer(server);
            peer.send(MessagePeer.request(1, "file", Message.text("first")).withProtocolKey(Header.MORE, true));
            begun.acquire(); // an upload that is given up before may never reach its handler
            peer.send(Message.binary("x", new byte[] {1, 2, 3, 4})
                    .going(Header.Direction.REQUEST, 1)
                    .withProtocolKey(Header.CONTENT_CODING, "gzip"));
            codes.add(peer.receiveAnswer().status().orElse("none"));
        }
        Await.until("both handlers have ended", () -> ended.get() == 2);
        bed.census().takeFailures();
        assertThat(codes.get(0)).isNotEqualTo("none");
        assertThat(codes.get(1)).isEqualTo(codes.get(0));
    }

    @ParameterizedTest
    @EnumSource
    void manyStreamsShareTheBus(Over over) throws Exception {
        nodes.listen(nodes.node(over).onStream(COUNT, (to, out) -> {
            for (int i = 1; i <= to; i++) {
                out.send(i);
            }
        }));
        Client client = nodes.entrance(over);
        var sums = new ArrayList<CompletableFuture<Long>>();
        for (int i = 0; i < 90; i++) {
            int to = 100 + i * 20;
            sums.add(CompletableFuture.supplyAsync(() -> sum(client, to), Thread::startVirtualThread));
        }
        for (int i = 0; i < 90; i++) {
            long to = 100 + i * 20L;
            assertThat(sums.get(i).get()).isEqualTo(to * (to + 1) / 2);
        }
    }

    private static long sum(Client client, int to) {
        long sum = 0;
        try (InStream<Integer> numbers = client.stream(COUNT, to)) {
            for (int each : numbers) {
                sum += each;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource
    void headersTimeLimitsAndPrincipalsPass(Over over) throws Exception {
        nodes.listen(nodes.node(over)
                .authorization(exchange -> () -> "of the worker")
                .onDuplex(TALK, (in, out, exchange) -> out.send(described(exchange))));
        Client client = bed.keep(Client.connect(nodes.listen(nodes.node(over).authorization(exchange -> () -> "ann"))
                .address()));
        var options = CallOptions.timeout(Duration.ofMinutes(2)).withHeader("x-tenant", "blue");
        try (Duplex<String, String> talk = client.duplex(TALK, options)) {
            assertThat(talk.receive()).isEqualTo("ann blue true");
        }
        try (Duplex<String, String> talk = client.duplex(TALK)) {
            assertThat(talk.receive()).isEqualTo("ann null false");
        }
    }

    private static String described(Exchange exchange) {
        return exchange.principal().orElseThrow().getName() + " "
                + exchange.header().text("x-tenant") + " "
                + exchange.timeLeft()
                        .filter(left -> left.compareTo(Duration.ofMinutes(2)) <= 0)
                        .isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void errorsAfterSomeValuesKeepTheirCodes(Over over) throws Exception {
        nodes.listen(nodes.node(over).onStream(COUNT, (to, out) -> {
            out.send(1);
            throw new ApplicationException("sold-out", "no more than one");
        }));
        Client client = nodes.entrance(over);
        try (InStream<Integer> numbers = client.stream(COUNT, 2)) {
            assertThat(numbers.receive()).isEqualTo(1);
            assertThatThrownBy(numbers::receive).isInstanceOfSatisfying(RefusedException.class, e -> {
                assertThat(e.applicationCode()).isEqualTo("sold-out");
                assertThat(e.reason()).endsWith("no more than one");
            });
        }
        try (InStream<String> nowhere = client.stream(Action.of("nowhere", Integer.class, String.class), 1)) {
            assertThatThrownBy(nowhere::receive)
                    .isInstanceOfSatisfying(
                            RefusedException.class, e -> assertThat(e.code()).isEqualTo("unknown-action"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsOnLoopsPass(Over over) throws Exception {
        var publisher = bed.keep(new SubmissionPublisher<Integer>());
        nodes.listen(nodes.node(over).onLoopStream(COUNT, to -> publisher));
        Client client = nodes.entrance(over);
        try (InStream<Integer> numbers = client.stream(COUNT, 0)) {
            Await.until("it is subscribed", publisher::hasSubscribers);
            for (int i = 0; i < 1_000; i++) {
                publisher.submit(i);
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat(numbers.receive()).isEqualTo(i);
            }
        }
        Await.until("it is not subscribed any more", () -> !publisher.hasSubscribers());
    }

    @ParameterizedTest
    @EnumSource
    void aBurstOfFirstCallsIsNotTakenForStreams(Over over) throws Exception {
        nodes.listen(nodes.node(over).on("echo", request -> request));
        Client client = nodes.entrance(over);
        var all = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 1_000; i++) {
            all.add(client.callAsync("echo", Message.text("x" + i), CallOptions.timeout(Duration.ofSeconds(60)))
                    .toCompletableFuture());
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(all.get(i).get().text()).isEqualTo("x" + i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatClosesEndsItsStreams(Over over) throws Exception {
        var ended = new CountDownLatch(1);
        Server worker = nodes.listen(nodes.node(over).onDuplex(TALK, (in, out, exchange) -> {
            exchange.onCancel(ended::countDown);
            out.send("hello");
            in.forEach(line -> {});
        }));
        Client client = nodes.entrance(over);
        try (Duplex<String, String> talk = client.duplex(TALK)) {
            assertThat(talk.receive()).isEqualTo("hello");
            worker.close();
            assertThatThrownBy(talk::receive).isInstanceOf(CallException.class);
        }
        ended.await();
    }

    @Test
    void aBrokerThatIsKilledEndsTheStreamsOnBothNodes() throws Exception {
        NatsServer broker = bed.keep(NatsServer.start());
        var ended = new CountDownLatch(1);
        bed.keep(bed.server()
                .cluster(bed.keep(Cluster.connect(broker.cluster("c"))))
                .onDuplex(TALK, (in, out, exchange) -> {
                    exchange.onCancel(ended::countDown);
                    out.send("hello");
                    in.forEach(line -> {});
                })
                .listen("tcp://localhost:0"));
        Client client = bed.keep(Client.connect(bed.keep(bed.server()
                        .cluster(bed.keep(Cluster.connect(broker.cluster("c"))))
                        .listen("tcp://localhost:0"))
                .address()));
        try (Duplex<String, String> talk = client.duplex(TALK)) {
            assertThat(talk.receive()).isEqualTo("hello");
            broker.kill();
            assertThatThrownBy(talk::receive).isInstanceOfSatisfying(RefusedException.class, e -> {
                assertThat(e.code()).isEqualTo("unavailable");
                assertThat(e.outcome()).isEqualTo(CallException.Outcome.UNKNOWN);
            });
        }
        ended.await();
    }

    @Test
    void aValueThatTheBrokerDoesNotCarryEndsItsStream() throws Exception {
        Path settings = Files.writeString(directory.resolve("nats.conf"), "max_payload: 3000\n");
        NatsServer broker = bed.keep(NatsServer.start("-c", settings.toString()));
        bed.keep(bed.server()
                .cluster(bed.keep(Cluster.connect(broker.cluster("c"))))
                .onDuplex(TALK, (in, out, exchange) -> {
                    for (String line : in) {
                        out.send(line.repeat(10));
                    }
                })
                .listen("tcp://localhost:0"));
        Client client = bed.keep(Client.connect(bed.keep(bed.server()
                        .cluster(bed.keep(Cluster.connect(broker.cluster("c"))))
                        .listen("tcp://localhost:0"))
                .address()));
        for (int length : List.of(400, 4_000)) { // too long on the way back, and on the way there
            try (Duplex<String, String> talk = client.duplex(TALK)) {
                talk.send("a".repeat(100));
                assertThat(talk.receive()).hasSize(1_000);
                talk.send("a".repeat(length));
                assertThatThrownBy(talk::receive).isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.code()).isEqualTo("unavailable");
                    assertThat(e.outcome()).isEqualTo(CallException.Outcome.UNKNOWN); // its handler has begun
                    assertThat(e.getMessage()).contains("carries 3000");
                });
            }
        }
    }
}
