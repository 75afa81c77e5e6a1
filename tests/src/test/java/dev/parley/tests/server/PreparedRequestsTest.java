package dev.parley.tests.server;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.tests.bed.GzipBomb;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the work on a long content that a loop does not do itself, though a handler on it gets the result. */
@Timeout(60)
class PreparedRequestsTest {
    private static final int ON_LOOP_BYTES_MAX = 20_000;
    private static final Action<Question, Answer> FIND = Action.of("find", Question.class, Answer.class);
    private static final Queue<String> MADE_BY = new ConcurrentLinkedQueue<>();

    /** A record that notes the thread that makes it. */
    record Question(String text) {
        Question {
            MADE_BY.add(Thread.currentThread().getName());
        }
    }

    record Answer(int length, String thread) {}

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final EventLoop loop = bed.loop();

    @AfterEach
    void letGo() {
        MADE_BY.clear();
    }

    private String loopThread() {
        var name = new CompletableFuture<String>();
        loop.execute(() -> name.complete(Thread.currentThread().getName()));
        return name.join();
    }

    private MessagePeer peer() throws Exception {
        Server server = bed.server()
                .limits(MessageLimits.DEFAULT.withOnLoopBytesMax(ON_LOOP_BYTES_MAX))
                .onLoop(
                        FIND,
                        question -> new Answer(
                                question.text().length(), Thread.currentThread().getName()))
                .onLoop(Action.of("twice", int.class, int.class), number -> 2 * number)
                .otherwiseOnLoop(raw -> Message.text(
                        raw.scan().text("value") + " " + Thread.currentThread().getName()))
                .listen(loop, Address.parse("tcp://127.0.0.1:0"));
        return MessagePeer.connect(server.address());
    }

    @ParameterizedTest
    @CsvSource({"1000, true", "19900, true", "20100, false", "500000, false"})
    void aLongQuestionIsBoundByAnotherThread(int length, boolean isOnLoop) throws Exception {
        String text = "t".repeat(length);
        try (MessagePeer peer = peer()) {
            peer.send(request(1, "find", Message.json("{\"text\": \"" + text + "\"}")));
            peer.send(Message.json("{\"action\": \"find\", \"text\": \"" + text + "\"}"));
            for (int i = 0; i < 2; i++) {
                Answer answer = peer.receiveAnswer().as(Answer.class);
                assertThat(answer).isEqualTo(new Answer(length, loopThread()));
            }
        }
        assertThat(MADE_BY).hasSize(2).allMatch(thread -> thread.equals(loopThread()) == isOnLoop);
    }

    @ParameterizedTest
    @CsvSource({"10", "30000"})
    void aPrimitiveIsBoundToo(int spaces) throws Exception {
        try (MessagePeer peer = peer()) {
            peer.send(request(1, "twice", Message.json(" ".repeat(spaces) + "21")));
            assertThat(peer.receiveAnswer().text()).isEqualTo("42");
        }
    }

    /** The error has the same words, whichever thread finds it. */
    @ParameterizedTest
    @CsvSource({"10", "30000"})
    void whatDoesNotFitIsRefusedAsEver(int length) throws Exception {
        String rest = ", \"more\": \"" + "m".repeat(length) + "\"}";
        try (MessagePeer peer = peer()) {
            for (String wrong : List.of("{\"text\": 3" + rest, "{\"text\": null" + rest, "{\"text\": \"a\n\"" + rest)) {
                peer.send(request(1, "find", Message.json(wrong)));
                Message answer = peer.receiveAnswer();
                assertThat(answer.status()).contains("bad-content");
                assertThat(answer.text()).containsAnyOf("expected text", "it is required", "control character");
            }
            peer.send(request(2, "find", Message.json("{\"text\": \"a\"}")));
            assertThat(peer.receiveAnswer().as(Answer.class).length()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"10", "30000"})
    void aHandlerOnTheLoopGetsWhatWasScanned(int length) throws Exception {
        String value = "v".repeat(length);
        try (MessagePeer peer = peer()) {
            peer.send(Message.json("{\"action\": \"other\", \"value\": \"" + value + "\"}"));
            assertThat(peer.receiveAnswer().text()).isEqualTo(value + " " + loopThread());
            peer.send(Message.json("{\"action\": \"other\", \"value\": \"" + value + "\""));
            assertThat(peer.receiveAnswer().status()).contains("bad-content");
        }
    }

    /** A record whose own code fails, although there is enough memory and there are enough threads. */
    record Broken(String text) {
        Broken {
            if (!text.isEmpty()) {
                throw new LinkageError("on purpose");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10", "30000"})
    void aQuestionWhoseOwnCodeFailsIsAnsweredAsAFailure(int length) throws Exception {
        Action<Broken, Answer> broken = Action.of("broken", Broken.class, Answer.class);
        Server server = bed.listen(bed.server()
                .limits(MessageLimits.DEFAULT.withOnLoopBytesMax(ON_LOOP_BYTES_MAX))
                .onLoop(broken, question -> new Answer(0, "")));
        try (MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "broken", Message.json("{\"text\": \"" + "t".repeat(length) + "\"}")));
            assertThat(peer.receiveAnswer().status()).contains("internal");
        }
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("on purpose");
    }

    /** A record whose preparation takes until the test says so. */
    record Held(String text) {
        static final CountDownLatch BEGUN = new CountDownLatch(1);
        static final CountDownLatch MAY_END = new CountDownLatch(1);

        Held {
            BEGUN.countDown();
            try {
                MAY_END.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void aStreamsTimeCountsFromTheMomentAtWhichItWasRead() throws Exception {
        EventLoop manual = bed.newLoop(EventLoop.builder().ticker(bed.ticker()));
        bed.keep(Held.MAY_END::countDown);
        Server server = bed.keep(bed.server()
                .onLoop("here", request -> request)
                .onLoop(Action.of("held", Held.class, Answer.class), held -> new Answer(0, ""))
                .onStream(
                        Action.of("stream", Message.class, Message.class),
                        (asked, out, exchange) -> out.send(
                                Message.text(exchange.timeLeft().orElseThrow().toString())))
                .listen(manual, Address.parse("tcp://127.0.0.1:0")));
        try (MessagePeer first = MessagePeer.connect(server.address());
                MessagePeer second = MessagePeer.connect(server.address())) {
            first.send(request(1, "held", Message.json("{\"text\": \"" + "t".repeat(500_000) + "\"}")));
            assertThat(Held.BEGUN.await(30, TimeUnit.SECONDS)).isTrue();
            var both = new ByteArrayOutputStream();
            both.writeBytes(MessagePeer.bytes(request(1, "here", Message.text("it is read"))));
            both.writeBytes(MessagePeer.bytes(request(2, "stream", Message.binary("x", GzipBomb.bytes(10)))
                    .with(Header.CONTENT_CODING, "gzip")
                    .with(Header.TIMEOUT_MS, 2_000)));
            second.raw.send(both.toByteArray());
            assertThat(second.receiveAnswer().text()).isEqualTo("it is read");
            bed.ticker().advance(Duration.ofMillis(800));
            Held.MAY_END.countDown();
            assertThat(second.receiveAnswer().text()).isEqualTo("PT1.2S");
        }
    }
}
