package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.ContentException;
import dev.parley.Duplex;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.TimedOutException;
import dev.parley.cluster.NodeStream;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.cluster.ClusterBed;
import dev.parley.tests.cluster.ClusterBed.Over;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests streams both ways, over every transport: order, ends, backpressure, and what ends them early. */
@Timeout(300)
@ParameterizedClass
@ValueSource(
        strings = {"mem", "nio tcp", "nio unix", "io_uring tcp", "io_uring unix", "cluster PROCESS", "cluster NATS"})
class StreamTest {
    record Count(int to) {}

    record Figure(int value) {}

    record Sum(long value) {}

    private static final Action<Count, Figure> COUNT = Action.of("count", Count.class, Figure.class);
    private static final Action<Figure, Sum> ADD = Action.of("add", Figure.class, Sum.class);
    private static final Action<Figure, Figure> DOUBLE = Action.of("double", Figure.class, Figure.class);
    private static final Action<Message, Sum> SUM_OF_BYTES = Action.of("crc", Message.class, Sum.class);
    private static final Action<Count, Message> BYTES = Action.of("bytes", Count.class, Message.class);
    private static final Action<Count, Figure> STUCK = Action.of("stuck", Count.class, Figure.class);

    @Parameter
    String wire = "";

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final List<EventLoop> loops = new ArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final Semaphore mayGoOn = new Semaphore(0);

    private ServerBuilder handlers(ServerBuilder builder) {
        return builder.onStream(COUNT, (count, out) -> {
                    for (int i = 1; i <= count.to(); i++) {
                        out.send(new Figure(i));
                        sent.set(i);
                    }
                })
                .onUpload(ADD, in -> {
                    long sum = 0;
                    for (Figure number : in) {
                        if (number.value() < 0) {
                            throw new ApplicationException("negative", "no negative numbers");
                        }
                        sum += number.value();
                    }
                    return new Sum(sum);
                })
                .onDuplex(DOUBLE, (in, out, exchange) -> {
                    for (Figure number : in) {
                        out.send(new Figure(2 * number.value()));
                    }
                })
                .onUpload(SUM_OF_BYTES, in -> new Sum(crc(in.bytes())))
                .onStream(BYTES, (count, out) -> {
                    try (var bytes = out.bytes()) {
                        new ByteArrayInputStream(pattern(count.to())).transferTo(bytes);
                    }
                })
                .onStream(STUCK, (count, out) -> {
                    out.send(new Figure(0));
                    try {
                        mayGoOn.acquire();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                })
                .on("one", (Message request) -> request)
                .onLoop("two", request -> request);
    }

    private @Nullable Over over() {
        return wire.startsWith("cluster") ? Over.valueOf(wire.substring("cluster ".length())) : null;
    }

    private EventLoop loop() {
        EventLoop loop = bed.newLoop(EventLoop.builder()
                .transport(
                        wire.equals("mem")
                                ? MemNetwork.shared()
                                : Usable.transport(wire.substring(0, wire.indexOf(' ')))));
        loops.add(loop);
        return loop;
    }

    private Address free() throws IOException {
        if (wire.equals("mem")) {
            return Address.parse("mem:");
        }
        return wire.endsWith("tcp")
                ? Address.parse("tcp://127.0.0.1:0")
                : new Address.Unix(Files.createTempDirectory("parley").resolve("s"));
    }

    /** Returns a client of a server with the handlers, or of a node of a cluster in which another one has them. */
    private Client client() throws Exception {
        Over over = over();
        if (over != null) {
            var nodes = new ClusterBed(bed);
            nodes.listen(handlers(nodes.node(over)));
            return nodes.entrance(over);
        }
        Server server = bed.keep(handlers(bed.server()).listen(loop(), free()));
        return bed.keep(Client.builder(server.address()).loop(loop()).connect());
    }

    @AfterEach
    void letGo() {
        mayGoOn.release(1_000);
    }

    private static long crc(InputStream bytes) throws IOException {
        var crc = new CRC32();
        var piece = new byte[7_777];
        for (int count = bytes.read(piece); count >= 0; count = bytes.read(piece)) {
            crc.update(piece, 0, count);
        }
        return crc.getValue();
    }

    private static byte[] pattern(int length) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 977);
        }
        return bytes;
    }

    private static List<Integer> values(Iterable<Figure> numbers) {
        var values = new ArrayList<Integer>();
        numbers.forEach(number -> values.add(number.value()));
        return values;
    }

    @Test
    void manyAnswersComeInOrder() throws Exception {
        Client client = client();
        for (int to : new int[] {0, 1, 3, 5_000}) {
            try (InStream<Figure> numbers = client.stream(COUNT, new Count(to))) {
                List<Integer> values = values(numbers);
                assertThat(values).hasSize(to);
                assertThat(values).isSorted();
            }
        }
    }

    @Test
    void manyQuestionsHaveOneAnswer() throws Exception {
        try (Duplex<Figure, Sum> duplex = client().duplex(ADD)) {
            for (int i = 1; i <= 10_000; i++) {
                duplex.send(new Figure(i));
            }
            duplex.end();
            assertThat(duplex.receive()).isEqualTo(new Sum(50_005_000));
            assertThat(duplex.receive()).isNull();
        }
    }

    @Test
    void bothDirectionsGoOnAtOnce() throws Exception {
        try (Duplex<Figure, Figure> duplex = client().duplex(DOUBLE)) {
            for (int i = 1; i <= 100; i++) {
                duplex.send(new Figure(i));
                assertThat(duplex.receive()).isEqualTo(new Figure(2 * i));
            }
            duplex.end();
            assertThat(duplex.receive()).isNull();
        }
    }

    @Test
    void contentOfAnySizeIsAStreamOfBytes() throws Exception {
        Client client = client();
        for (int length : new int[] {0, 1, 32_768, 3_000_001}) {
            byte[] content = pattern(length);
            var crc = new CRC32();
            crc.update(content);
            assertThat(client.upload(
                            SUM_OF_BYTES,
                            new ByteArrayInputStream(content),
                            CallOptions.timeout(Duration.ofSeconds(30))))
                    .isEqualTo(new Sum(crc.getValue()));
            try (InStream<Message> answer = client.stream(BYTES, new Count(length))) {
                assertThat(answer.bytes().readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void aReaderThatIsSlowHoldsBackItsOwnSenderAlone() throws Exception {
        Client client = client();
        try (InStream<Figure> unread = client.stream(COUNT, new Count(1_000_000))) {
            assertThat(unread.receive()).isEqualTo(new Figure(1));
            Await.until("the sender is held back", () -> {
                int before = sent.get();
                return before > 1_000 && !Await.within(Duration.ofMillis(100), () -> sent.get() != before);
            });
            // 65,536 bytes of credit, 16 KiB that wait, and the shortest value of eleven bytes
            int ofAConnection = (65_536 + 16_384) / 11 + 2;
            assertThat(sent.get())
                    .isLessThan(over() == null ? ofAConnection : 2 * ofAConnection + NodeStream.WINDOW_BYTES / 256);
            assertThat(client.upload(
                            SUM_OF_BYTES,
                            new ByteArrayInputStream(pattern(1_000_000)),
                            CallOptions.timeout(Duration.ofSeconds(20))))
                    .isNotNull();
            try (InStream<Figure> numbers = client.stream(COUNT, new Count(20_000))) {
                assertThat(values(numbers)).hasSize(20_000);
            }
        }
    }

    @Test
    void closingEarlyInterruptsTheHandler() throws Exception {
        Client client = client();
        try (InStream<Figure> stuck = client.stream(STUCK, new Count(1))) {
            assertThat(stuck.receive()).isEqualTo(new Figure(0));
        }
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(values(client.stream(COUNT, new Count(3)))).containsExactly(1, 2, 3);
    }

    @Test
    void closingTellsAThreadThatStillReceives() throws Exception {
        InStream<Figure> stuck = client().stream(STUCK, new Count(1));
        assertThat(stuck.receive()).isEqualTo(new Figure(0));
        var told = new CompletableFuture<IOException>();
        Thread.startVirtualThread(() -> {
            try {
                stuck.receive();
            } catch (IOException e) {
                told.complete(e);
            }
        });
        stuck.close();
        assertThat(told.get(60, TimeUnit.SECONDS)).isInstanceOf(ExchangeEndedException.class);
        assertThatThrownBy(stuck::receive).hasMessageContaining("closed on this side");
    }

    @Test
    void aDeadlineEndsBothSides() throws Exception {
        Client client = client();
        try (InStream<Figure> stuck = client.stream(STUCK, new Count(1), CallOptions.timeout(Duration.ofMillis(200)))) {
            assertThat(stuck.receive()).isEqualTo(new Figure(0));
            assertThatThrownBy(stuck::receive)
                    .isInstanceOf(TimedOutException.class)
                    .hasMessageContaining("within 200 ms");
        }
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(values(client.stream(COUNT, new Count(3)))).containsExactly(1, 2, 3);
    }

    @Test
    void aHandlerThatRefusesIsHeardByWhoSends() throws Exception {
        Client client = client();
        try (Duplex<Figure, Sum> duplex = client.duplex(ADD)) {
            duplex.send(new Figure(-1));
            assertThatThrownBy(() -> {
                        while (true) {
                            duplex.send(new Figure(1));
                        }
                    })
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("no negative numbers");
            assertThatThrownBy(duplex::receive).isInstanceOf(RefusedException.class);
        }
        assertThat(values(client.stream(COUNT, new Count(3)))).containsExactly(1, 2, 3);
    }

    @Test
    void aConnectionThatIsLostEndsAStreamAfterWhatHasArrived() throws Exception {
        assumeTrue(over() == null, "the loss of a node is another test's");
        Client client = client();
        try (InStream<Figure> stuck = client.stream(STUCK, new Count(1))) {
            assertThat(stuck.receive()).isEqualTo(new Figure(0));
            serverLoop().close();
            assertThatThrownBy(stuck::receive).isInstanceOf(ConnectionLostException.class);
        }
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
    }

    private EventLoop serverLoop() {
        return loops.getFirst(); // the client's came second
    }

    @Test
    void anActionWithoutAStreamRefusesOne() throws Exception {
        Client client = client();
        for (String name : List.of("one", "two")) {
            try (Duplex<Message, Message> duplex = client.duplex(Action.of(name, Message.class, Message.class))) {
                assertThatThrownBy(duplex::receive).isInstanceOfSatisfying(RefusedException.class, refused -> {
                    assertThat(refused.code()).isEqualTo("bad-field");
                    assertThat(refused.outcome()).isEqualTo(CallException.Outcome.NOT_PROCESSED);
                });
            }
        }
        assertThat(client.call("one", Message.text("x")).text()).isEqualTo("x");
    }

    @Test
    void aCallToAStreamIsToldToAskForOne() throws Exception {
        assertThatThrownBy(() -> client().call("count", Message.ofValue(new Count(3))))
                .isInstanceOf(ContentException.class)
                .hasMessageContaining("stream(…)");
    }
}
