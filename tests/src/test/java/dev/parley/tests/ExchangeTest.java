package dev.parley.tests;

import static dev.parley.tests.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Exchange;
import dev.parley.FailedException;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedRequestException;
import dev.parley.Server;
import dev.parley.frame.Direction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests and their responses: ids, order, the cap in flight, deadlines, and what handlers may throw. */
@Timeout(300)
class ExchangeTest {
    record Sum(int left, int right) {}

    record Total(int total) {}

    private static final Action<Sum, Total> ADD = Action.of("add", Sum.class, Total.class);

    private final Census census = new Census();
    private final ManualTicker ticker = new ManualTicker();
    private final EventLoop loop =
            census.watch(EventLoop.builder().observer(census).ticker(ticker).start());

    /** Handlers of {@code wait} take one each to return. */
    private final Semaphore mayReturn = new Semaphore(0);

    private final AtomicInteger started = new AtomicInteger();
    private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() {
        mayReturn.release(1_000);
        loop.close();
        census.assertNothingLeft();
    }

    private Server listen() throws BindFailedException {
        return listen(settings -> settings);
    }

    private Server listen(UnaryOperator<Server.Builder> further) throws BindFailedException {
        Server.Builder settings = Server.builder()
                .observer(census)
                .on("wait", this::waitForLeave)
                .onLoop("now", request -> Message.text("now"))
                .on(ADD, sum -> new Total(sum.left() + sum.right()));
        return further.apply(settings).listen(loop, Address.parse("tcp://127.0.0.1:0"));
    }

    private Message waitForLeave(Message request, Exchange exchange) throws InterruptedException {
        exchanges.add(exchange);
        started.incrementAndGet();
        try {
            mayReturn.acquire();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        return Message.text(request.text());
    }

    private static Message text(String text) {
        return Message.text(text);
    }

    private void awaitStarted(int count) {
        Await.until(count + " handlers run", () -> started.get() == count);
    }

    @Test
    void responsesWithIdsComeAsTheyAreReady() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(7, "wait", text("slow"))).send(request(8, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(8);
            mayReturn.release();
            Message slow = peer.receive();
            assertThat(slow.header().id()).isEqualTo(7);
            assertThat(slow.text()).isEqualTo("slow");
        }
    }

    @Test
    void plainRequestsAreHandledOneAfterAnotherAndOthersPassThem() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(0, "wait", text("first")));
            awaitStarted(1);
            peer.send(request(5, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(5);
            peer.send(request(0, "wait", text("second"))).send(request(0, "now", text("third")));
            peer.send(request(6, "now", text("behind a plain one that waits")));
            assertThat(peer.receive().header().id()).isEqualTo(6);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("first");
            awaitStarted(2);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("second");
            assertThat(peer.receive().text()).isEqualTo("now");
        }
    }

    /** They are read together and handled on one thread; the first answer must not wait for what blocks behind it. */
    @Test
    void plainRequestsThatComeTogetherShareAThreadAndHoldNoAnswerBack() throws Exception {
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        try (Server server = listen(settings -> settings.on("where", request -> {
                    threads.add(Thread.currentThread());
                    return request;
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            var together = new ByteArrayOutputStream();
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("first"))));
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("second"))));
            together.writeBytes(MessagePeer.bytes(request(0, "wait", text("third"))));
            together.writeBytes(MessagePeer.bytes(request(0, "where", text("fourth"))));
            peer.raw.send(together.toByteArray());
            assertThat(peer.receive().text()).isEqualTo("first");
            assertThat(peer.receive().text()).isEqualTo("second");
            awaitStarted(1);
            assertThat(threads).hasSize(2);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("third");
            assertThat(peer.receive().text()).isEqualTo("fourth");
            assertThat(Set.copyOf(threads)).hasSize(1);
        }
    }

    /** The rest waits unread: in the kernel's buffers and then in the client's. */
    @Test
    void beyondTheCapNothingFurtherStarts() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(4)));
                MessagePeer peer = MessagePeer.connect(server.address());
                MessagePeer other = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 10; id++) {
                peer.send(request(id, "wait", text("x")));
            }
            awaitStarted(4);
            other.send(request(1, "now", text("")));
            assertThat(other.receive().text()).isEqualTo("now");
            assertThat(started).hasValue(4);
            mayReturn.release();
            peer.receive();
            awaitStarted(5);
            mayReturn.release(9);
            for (int left = 9; left > 0; left--) {
                assertThat(peer.receive().text()).isEqualTo("x");
            }
        }
    }

    @Test
    void anIdMayBeUsedAgainAfterItsAnswerAndNotBefore() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(3, "now", text(""))).send(request(3, "now", text("")));
            peer.receive();
            peer.receive();
            peer.send(request(3, "wait", text("answered all the same"))).send(request(3, "now", text("")));
            awaitStarted(1);
            awaitIdleLoop(server);
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("answered all the same");
            Message last = peer.receive();
            assertThat(last.status()).contains("duplicate-id");
            assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
            assertThat(last.header().id()).isZero();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aFatalErrorWaitsForWhatRunsButNotForEver() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text(""))).send(request(2, "wait", text("")));
            awaitStarted(2);
            peer.raw.send((byte) 0, (byte) 0);
            awaitIdleLoop(server);
            ticker.advance(MessageLimits.DEFAULT.drainGrace());
            assertThat(List.of(
                            peer.receive().status().orElseThrow(),
                            peer.receive().status().orElseThrow(),
                            peer.receive().status().orElseThrow()))
                    .containsExactly("unavailable", "unavailable", "bad-frame");
            interrupted.await();
            assertThat(exchanges).allMatch(Exchange::isCancelled);
        }
    }

    /** Whatever the loop was given before is done when it has answered somebody else. */
    private static void awaitIdleLoop(Server server) throws Exception {
        try (MessagePeer other = MessagePeer.connect(server.address())) {
            other.send(request(1, "now", text("")));
            other.receive();
        }
    }

    @Test
    void pastItsTimeARequestIsAnsweredAndItsHandlerTold() throws Exception {
        try (Server server = listen(settings -> settings.limits(MessageLimits.DEFAULT.withInFlightMax(1)));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("")).with(Header.TIMEOUT_MS, 250));
            awaitStarted(1);
            assertThat(exchanges.element().timeLeft()).contains(Duration.ofMillis(250));
            ticker.advance(Duration.ofMillis(250));
            Message late = peer.receive();
            assertThat(late.status()).contains("timeout");
            assertThat(late.header().id()).isEqualTo(1);
            interrupted.await();
            peer.send(request(2, "now", text("")).with(Header.TIMEOUT_MS, 0));
            assertThat(peer.receive().status()).contains("timeout");
        }
        assertThat(census.takeFailures()).isEmpty();
    }

    @Test
    void aHandlerIsToldWhenItsClientIsGone() throws Exception {
        try (Server server = listen()) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                peer.send(request(1, "wait", text("")));
                awaitStarted(1);
                peer.raw.reset();
            }
            interrupted.await();
            assertThat(exchanges.element().isCancelled()).isTrue();
        }
        assertThat(census.takeFailures()).isEmpty();
    }

    @Test
    void aConnectionWhoseHandlerWorksIsNotIdle() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(1, "wait", text("long")));
            awaitStarted(1);
            ticker.advance(Duration.ofMinutes(6));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("ping");
            mayReturn.release();
            assertThat(peer.receive().text()).isEqualTo("long");
            awaitIdleLoop(server);
            ticker.advance(Duration.ofMinutes(6));
            assertThat(peer.receive().header().text(Header.CONTROL)).isEqualTo("going-away");
            peer.raw.shutdownOutput();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    @Test
    void aHandlerKnowsItsExchange() throws Exception {
        var names = new ConcurrentLinkedQueue<String>();
        try (Server server = listen(settings -> settings.on("who", (request, exchange) -> {
                    names.add(Thread.currentThread().getName());
                    names.add(exchange.id() + " " + exchange.header().text("colour") + " " + exchange.timeLeft());
                    return Message.text(exchange.connection().peerAddress().toString());
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(9, "who", text("")).with("colour", "blue"));
            assertThat(peer.receive().text()).startsWith("tcp://127.0.0.1:");
            assertThat(names.poll()).matches("parley-\\d+-9");
            assertThat(names.poll()).isEqualTo("9 blue Optional.empty");
        }
    }

    @Test
    void afterTheClientsEndAllAnswersStillCome() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 20; id++) {
                peer.send(request(id, "wait", text("x")));
            }
            peer.raw.shutdownOutput();
            awaitStarted(20);
            mayReturn.release(20);
            for (int left = 20; left > 0; left--) {
                assertThat(peer.receive().text()).isEqualTo("x");
            }
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    /** What a handler throws, and what the peer gets of it. */
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
        Handler thrower = request -> thrown(what);
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

    @SuppressWarnings({"NullAway", "InfiniteRecursion"}) // a handler of somebody else's may do both
    private static Message thrown(String what) throws Exception {
        return switch (what) {
            case "failed" -> throw new FailedException("sold-out", "no more of it");
            case "refused" -> throw new RefusedRequestException(ErrorCode.BAD_CONTENT, "not that");
            case "content" -> Message.ofValue(Message.json("{").json());
            case "runtime" -> throw new IllegalStateException("secret");
            case "memory" -> throw new OutOfMemoryError("secret");
            case "stack" -> thrown(what);
            default -> null;
        };
    }

    /** S9: whatever is thrown, and wherever, no loop ends. */
    @Test
    void tenThousandRandomThrowsEndNoLoop() throws Exception {
        var random = new Random(9);
        List<String> kinds = List.of("failed", "refused", "content", "runtime", "memory", "stack", "null");
        Handler thrower = request -> thrown(request.text());
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

    /** F9: what a handler leaves unread is not found in the next message. */
    @Test
    void contentThatAHandlerDoesNotReadStaysInItsMessage() throws Exception {
        var random = new Random(10);
        Handler prefix = request -> {
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
            peer.send(Message.json("{\"action\": \"nobody's\"}"));
            assertThat(peer.receive().status()).contains("unknown-action");
            peer.send(request(1, "nobody", text("")));
            assertThat(peer.receive().status()).contains("unknown-action");
            peer.send(request(1, "add", text("")));
            assertThat(peer.receive().status()).contains("unsupported-type");
            peer.send(Message.json("{\"action\": \"parley.peer\"}"));
            assertThat(peer.receive().text()).isEqualTo("{\"result\": \"parley\"}");
        }
    }

    @Test
    void controlsOfUnknownNamesAreIgnoredAndCounted() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(Message.binary("x/none", new byte[0]).withProtocolKey(Header.CONTROL, "dance"));
            peer.send(request(1, "now", text("")));
            assertThat(peer.receive().header().id()).isEqualTo(1);
            assertThat(server.ignoredControls()).isEqualTo(1);
            assertThat(server.requests()).isEqualTo(1);
        }
    }

    /** Nobody answers a control, so a bad one ends the connection. */
    @Test
    void aControlHasNoCoding() throws Exception {
        try (Server server = listen();
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(text("").going(Direction.REQUEST, 1)
                    .withProtocolKey(Header.CONTROL, "ping")
                    .with("content-coding", "gzip"));
            Message last = peer.receive();
            assertThat(last.status()).contains("bad-field");
            assertThat(last.header().isTrue(Header.CLOSE)).isTrue();
            assertThat(peer.raw.receiveToEnd()).isEmpty();
        }
    }

    /** What another server sent is no fault of the client's, and none of its business. */
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

    /** It is told while several handlers hand back: each gets its answer all the same. */
    @Test
    void aListenerThatThrowsCostsNoAnswer() throws Exception {
        var throwing = new LoopObserver() {
            @Override
            public void failed(String where, Throwable cause) {
                throw new IllegalStateException("the listener's own");
            }
        };
        try (Server server = listen(settings -> settings.observer(throwing).on("broken", request -> {
                    mayReturn.acquire();
                    throw new IllegalStateException("the handler's own");
                }));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            for (int id = 1; id <= 3; id++) {
                peer.send(request(id, "broken", text("")));
            }
            mayReturn.release(3);
            for (int i = 0; i < 3; i++) {
                assertThat(peer.receive().status()).contains("internal");
            }
        }
    }

    @Test
    void aMessageThatIsCutOffIsCountedAndNotHandled() throws Exception {
        try (Server server = listen()) {
            try (MessagePeer peer = MessagePeer.connect(server.address())) {
                peer.raw.send((byte) 0).shutdownOutput();
                assertThat(peer.raw.receiveToEnd()).isEmpty();
            }
            assertThat(server.truncatedMessages()).isEqualTo(1);
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void anAnswerMayBeTheRequestItself() throws Exception {
        try (Server server = listen(settings -> settings.on("mirror", (Handler) request -> request));
                MessagePeer peer = MessagePeer.connect(server.address())) {
            peer.send(request(4, "mirror", text("x"))
                    .with(Header.TIMEOUT_MS, 60_000)
                    .with("colour", "blue"));
            Message same = peer.receive();
            assertThat(same.text()).isEqualTo("x");
            assertThat(same.header().others()).containsOnlyKeys("colour");
        }
    }

    @Test
    void aServerNeedsHandlersWithNamesOfTheirOwn() {
        Server.Builder settings = Server.builder();
        assertThatThrownBy(() -> settings.listen("tcp://127.0.0.1:0")).hasMessageContaining("needs a handler");
        Handler handler = request -> request;
        settings.on("twice", handler);
        assertThatThrownBy(() -> settings.on("twice", handler)).hasMessageContaining("already");
        assertThatThrownBy(() -> settings.on("a b", handler)).hasMessageContaining("not an action name");
        assertThatThrownBy(() -> settings.on("parley.peer", handler)).hasMessageContaining("itself");
        assertThatThrownBy(() -> new FailedException("Sold Out", "x")).hasMessageContaining("is not a code");
    }
}
