package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallException.Outcome;
import dev.parley.CallFilter;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests filters around the calls of a client: what they see, on which thread, and what happens if they misbehave. */
@Timeout(300)
class CallFilterTest {
    private static final Action<Message, Message> ECHO = Action.of("echo", Message.class, Message.class);
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final Action<Message, Message> UPLOAD = Action.of("upload", Message.class, Message.class);
    private static final Action<Message, Message> DUPLEX = Action.of("duplex", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final Queue<String> arrived = new ConcurrentLinkedQueue<>();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch mayReturn = new CountDownLatch(1);
    private final AtomicInteger waiting = new AtomicInteger();
    private Server server;

    @BeforeEach
    void serve() throws Exception {
        server = bed.keep(bed.server()
                .onLoop("echo", (request, exchange) -> {
                    arrived.add(request.text());
                    return Message.text(request.text() + exchange.header().text("x-by"));
                })
                .on("wait", request -> {
                    waiting.incrementAndGet();
                    try {
                        mayReturn.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return request;
                })
                .onStream(
                        STREAM,
                        (asked, out, exchange) -> out.send(
                                Message.text(asked.text() + exchange.header().text("x-by"))))
                .onUpload(
                        UPLOAD,
                        (in, exchange) -> Message.text(in.bytes().readAllBytes().length
                                + exchange.header().text("x-by")))
                .onDuplex(DUPLEX, (in, out, exchange) -> {
                    for (Message next : in) {
                        out.send(Message.text(next.text() + exchange.header().text("x-by")));
                    }
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    @AfterEach
    void letGo() {
        mayReturn.countDown();
    }

    private Client client(CallFilter... filters) throws IOException {
        var settings = Client.builder(server.address()).loop(bed.newLoop()).retries(false);
        for (CallFilter filter : filters) {
            settings.filter(filter);
        }
        return bed.keep(settings.connect());
    }

    private CallFilter telling(String name) {
        return (request, chain) -> {
            seen.add(name + ">" + chain.action() + (chain.isStream() ? " stream" : ""));
            return chain.proceed(request).whenComplete((answer, failure) -> seen.add(name + "<"));
        };
    }

    private static CallFilter naming(String by) {
        return (request, chain) -> chain.proceed(request.with("x-by", by));
    }

    /** The stack trace says where it was thrown, and a caller's would hide that. */
    @Test
    void anExceptionOfAFilterKeepsItsStackTrace() throws Exception {
        Client client = client((request, chain) -> chain.proceed(request).thenApply(answer -> {
            throw new IllegalStateException("mine");
        }));
        assertThatThrownBy(() -> client.call("echo", Message.text("x")))
                .hasMessage("mine")
                .satisfies(thrown ->
                        assertThat(thrown.getStackTrace()[0].getClassName()).isEqualTo(CallFilterTest.class.getName()));
        assertThatThrownBy(() -> client().call("nobody", Message.text("x")))
                .isInstanceOf(RefusedException.class)
                .satisfies(thrown -> assertThat(thrown.getStackTrace())
                        .anyMatch(each -> each.getMethodName().contains("anExceptionOfAFilterKeepsItsStackTrace")));
    }

    @Test
    void everyKindOfCallGoesThroughAll() throws Exception {
        Client client = client(telling("a"), telling("b"), naming(" ann"));
        assertThat(client.call(ECHO, Message.text("1")).text()).isEqualTo("1 ann");
        assertThat(seen).containsExactly("a>echo", "b>echo", "b<", "a<");
        seen.clear();
        CompletionStage<Message> stage = client.callAsync("echo", Message.text("2"), CallOptions.DEFAULT);
        assertThat(stage.toCompletableFuture().get(60, TimeUnit.SECONDS).text()).isEqualTo("2 ann");
        assertThat(seen).containsExactly("a>echo", "b>echo", "b<", "a<");
        seen.clear();
        client.send(ECHO, Message.text("3")).toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(seen).containsExactly("a>echo", "b>echo", "b<", "a<");
        Await.until("the one-way request has arrived", () -> arrived.contains("3"));
        seen.clear();
        try (InStream<Message> stream = client.stream(STREAM, Message.text("4"))) {
            Message answer = stream.receive();
            assertThat(answer == null ? "" : answer.text()).isEqualTo("4 ann");
            assertThat(stream.receive()).isNull();
        }
        Await.until("the filters saw its end", () -> seen.size() == 4);
        assertThat(seen).containsExactly("a>stream stream", "b>stream stream", "b<", "a<");
        assertThat(client.upload(UPLOAD, new ByteArrayInputStream(new byte[100_000]))
                        .text())
                .isEqualTo("100000 ann");
        try (Duplex<Message, Message> duplex = client.duplex(DUPLEX)) {
            duplex.send(Message.text("5"));
            Message answer = duplex.receive();
            assertThat(answer == null ? "" : answer.text()).isEqualTo("5 ann");
        }
    }

    @Test
    void asynchronousCallsKeepTheirOrder() throws Exception {
        Client client = client(naming(""), telling("a"));
        var stages = new ArrayList<CompletableFuture<Message>>();
        var expected = new ArrayList<String>();
        for (int i = 0; i < 5_000; i++) {
            expected.add("" + i);
            stages.add(client.callAsync("echo", Message.text("" + i), CallOptions.DEFAULT)
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new)).get(120, TimeUnit.SECONDS);
        assertThat(arrived).containsExactlyElementsOf(expected);
    }

    @Test
    void theyRunOnTheThreadThatCalls() throws Exception {
        var threads = new ConcurrentLinkedQueue<Thread>();
        Client client = client((request, chain) -> {
            threads.add(Thread.currentThread());
            return chain.proceed(request);
        });
        client.call(ECHO, Message.text("1"));
        client.callAsync(ECHO, Message.text("2")).toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(threads).containsOnly(Thread.currentThread()).hasSize(2);
    }

    @Test
    void aFilterMayCallAgainAndAnswerItself() throws Exception {
        CallFilter twice = (request, chain) -> chain.proceed(request).thenCompose(first -> chain.proceed(request));
        assertThat(client(twice).call(ECHO, Message.text("x")).text()).isEqualTo("xnull");
        assertThat(arrived).containsExactly("x", "x");
        CallFilter cache = (request, chain) -> CompletableFuture.completedFuture(Message.text("cached"));
        assertThat(client(cache).call(ECHO, Message.text("y")).text()).isEqualTo("cached");
        assertThat(arrived).hasSize(2);
        CallFilter other = (request, chain) -> chain.proceed(request)
                .exceptionallyCompose(failure -> chain.proceed(request).thenApply(answer -> Message.text("unreached")));
        assertThatThrownBy(() -> client(other).call("nothing", Message.text("z")))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.code()).isEqualTo("unknown-action"));
    }

    @Test
    @SuppressWarnings("NullAway") // a filter returns null although it must not
    void oneThatThrowsOrReturnsNullEndsOnlyItsCall() throws Exception {
        List<CallFilter> bad = List.of(
                (request, chain) -> {
                    throw new AssertionError("the filter's own");
                },
                (request, chain) -> CompletableFuture.failedFuture(new AssertionError("the filter's own")),
                (request, chain) -> chain.proceed(request).thenApply(answer -> {
                    throw new AssertionError("the filter's own");
                }));
        for (CallFilter filter : bad) {
            Client client = client(filter);
            assertThatThrownBy(() -> client.callAsync(ECHO, Message.text("x"))
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS))
                    .hasRootCauseMessage("the filter's own");
            assertThatThrownBy(() -> client.call(ECHO, Message.text("x"))).hasRootCauseMessage("the filter's own");
            try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
                assertThatThrownBy(() -> {
                            while (stream.receive() != null) {}
                            throw new IOException(
                                    "it ended before its filter failed", new AssertionError("the filter's own"));
                        })
                        .hasRootCauseMessage("the filter's own");
            }
        }
        Client nulls = client((request, chain) -> null);
        assertThatThrownBy(() -> nulls.call(ECHO, Message.text("x"))).hasMessageContaining("a filter returned null");
        Client nullAnswers = client((request, chain) -> CompletableFuture.completedFuture(null));
        assertThatThrownBy(() -> nullAnswers.call(ECHO, Message.text("x"))).hasMessageContaining("answered null");
    }

    @Test
    void oneThatNeverAnswersEndsWithTheTimeOfTheCall() throws Exception {
        Client client = client((request, chain) -> new CompletableFuture<>());
        var options = CallOptions.timeout(Duration.ofMillis(100));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> client.call(ECHO, Message.text("x"), options))
                .withMessageContaining("a filter of this client took longer")
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED));
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"), options)) {
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(stream::receive)
                    .withMessageContaining("a filter of this client has not passed it on");
        }
        Client late = client((request, chain) -> chain.proceed(request).thenCompose(a -> new CompletableFuture<>()));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> late.call(ECHO, Message.text("x"), options))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
    }

    @Test
    void aStreamIsPassedOnOnce() throws Exception {
        var second = new ConcurrentLinkedQueue<Throwable>();
        Client client = client((request, chain) -> {
            CompletionStage<Message> first = chain.proceed(request);
            chain.proceed(request).whenComplete((answer, failure) -> second.add(failure));
            return first;
        });
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            assertThat(stream).hasSize(1);
        }
        assertThat(second).singleElement().satisfies(failure -> assertThat(failure)
                .hasMessageContaining("a stream begins once"));
        Client answering = client((request, chain) -> CompletableFuture.completedFuture(Message.text("mine")));
        try (InStream<Message> stream = answering.stream(STREAM, Message.text("x"))) {
            assertThatThrownBy(stream::receive).hasMessageContaining("a filter answered a stream itself");
        }
    }

    @Test
    void whoCancelsAStageTakesItsCallBack() throws Exception {
        Client client = client(telling("f"));
        var stage = client.callAsync("wait", Message.text("x"), CallOptions.DEFAULT.withoutTimeout())
                .thenApply(Message::text);
        Await.until("it runs", () -> waiting.get() == 1);
        assertThat(stage.toCompletableFuture().cancel(true)).isTrue();
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private static CompletableFuture<Integer> drained(Client client, Duration grace) {
        var left = new CompletableFuture<Integer>();
        Thread.startVirtualThread(() -> {
            try {
                left.complete(client.drain(grace));
            } catch (InterruptedException e) {
                left.completeExceptionally(e);
            }
        });
        return left;
    }

    @Test
    void aDrainWaitsForACallThatIsInAFilter() throws Exception {
        var token = new CompletableFuture<String>();
        Client client = bed.keep(Client.builder(server.address())
                .filter((request, chain) -> token.thenCompose(text -> chain.proceed(request.with("x-by", text))))
                .connect());
        CompletableFuture<Message> call = client.callAsync("echo", Message.text("by "), CallOptions.DEFAULT)
                .toCompletableFuture();
        CompletableFuture<Integer> left = drained(client, Duration.ofMinutes(2));
        Await.until("it drains", () -> refusesCalls(client));
        assertThat(left).isNotDone();
        token.complete("it");
        assertThat(call.get(60, TimeUnit.SECONDS).text()).isEqualTo("by it");
        assertThat(left.get(60, TimeUnit.SECONDS)).isZero();
    }

    private static boolean refusesCalls(Client client) {
        return client.callAsync("echo", Message.text("x"), CallOptions.DEFAULT)
                .toCompletableFuture()
                .isCompletedExceptionally();
    }

    /** The drain waits neither for a filter that never answers, nor for one that goes on after its call has ended. */
    @Test
    void aDrainDoesNotWaitForFiltersWhoseCallsHaveEnded() throws Exception {
        var late = new CompletableFuture<String>();
        Client client = bed.keep(Client.builder(server.address())
                .filter((request, chain) -> late.thenCompose(text -> chain.proceed(request)))
                .connect());
        CallOptions brief = CallOptions.timeout(Duration.ofMillis(20));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> client.call("echo", Message.text("x"), brief));
        InStream<Message> stream = client.stream(STREAM, Message.text("x"), brief);
        assertThatExceptionOfType(TimedOutException.class).isThrownBy(stream::receive);
        late.complete("too late");
        assertThat(drained(client, Duration.ofMinutes(2)).get(60, TimeUnit.SECONDS))
                .isZero();
    }

    @Test
    void noFilterRunsAfterTheClientIsClosed() throws Exception {
        Client client = client(telling("f"));
        client.close();
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.call(ECHO, Message.text("x")))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED));
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.stream(STREAM, Message.text("x")).receive())
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED));
        assertThat(seen).isEmpty();
    }

    /** The server accepts, and sends nothing. */
    @Test
    void theStagesOfAPlainClientRunOnItsLoopIfItIsClosed() throws Exception {
        EventLoop loop = bed.newLoop();
        Address silent = RawPeer.addressOf(bed.keep(RawPeer.listen()));
        Client client = bed.keep(Client.builder(silent)
                .plain(true)
                .loop(loop)
                .filter(telling("f"))
                .start());
        var onLoop = new CompletableFuture<Boolean>();
        client.callAsync("echo", Message.json("{}"), CallOptions.DEFAULT.withoutTimeout())
                .whenComplete((answer, failure) -> onLoop.complete(loop.isCurrent()));
        client.close();
        assertThat(onLoop.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).contains("f<");
    }
}
