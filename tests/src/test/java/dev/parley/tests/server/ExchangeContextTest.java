package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.parley.Action;
import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Exchange;
import dev.parley.ExchangeEndedException;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what passes from a request to the calls that its handler makes: the time left, the cancellation, and keys. */
@Timeout(120)
class ExchangeContextTest {
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);
    private static final Action<Message, Message> STUCK = Action.of("stuck", Message.class, Message.class);
    private static final Action<Message, Message> WAIT = Action.of("wait", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch mayReturn = new CountDownLatch(1);
    private final Queue<String> arrived = new ConcurrentLinkedQueue<>();
    private Client far;

    /** Starts the last server, which answers with what has arrived. */
    @BeforeEach
    void serveFar() throws Exception {
        far = client(bed.server()
                .on("tell", (request, exchange) -> {
                    String told = tell(exchange);
                    arrived.add(told);
                    return Message.text(told);
                })
                .onStream(STREAM, (asked, out, exchange) -> out.send(Message.text(tell(exchange))))
                .onStream(STUCK, (asked, out) -> waitUntilGivenUp())
                .on(WAIT, request -> {
                    waitUntilGivenUp();
                    return request;
                }));
    }

    private void waitUntilGivenUp() throws InterruptedException {
        arrived.add("waits");
        try {
            mayReturn.await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
    }

    @AfterEach
    void letGo() {
        mayReturn.countDown();
    }

    private static String tell(Exchange exchange) {
        String left = exchange.timeLeft()
                .map(time -> time.toSeconds() < 10 ? "less" : "more")
                .orElse("unlimited");
        return exchange.header().text("traceparent") + " " + exchange.header().text("x-tenant") + " "
                + exchange.header().text("x-own") + " " + left;
    }

    private Client client(ServerBuilder settings) throws IOException {
        Server server = bed.keep(settings.listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        return bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .retries(false)
                .connect());
    }

    /** Returns a client of two servers before the last one; their handlers make the calls that a test wants. */
    private Client near(UnaryOperator<ServerBuilder> handlers) throws IOException {
        return client(handlers.apply(bed.server().passOn("x-tenant")));
    }

    private static final CallOptions ASKED = CallOptions.timeout(Duration.ofSeconds(9))
            .withHeader("traceparent", TRACE)
            .withHeader("x-tenant", "acme")
            .withHeader("x-own", "mine");

    @Test
    void theTimeAndTheNamedKeysArriveTwoServersAway() throws Exception {
        Client middle = near(all -> all.on(
                "tell", request -> far.call("tell", Message.text(""), CallOptions.timeout(Duration.ofHours(1)))));
        Client first = near(all -> all.on("tell", request -> middle.call("tell", Message.text(""))));
        assertThat(first.call("tell", Message.text(""), ASKED).text()).isEqualTo(TRACE + " acme null less");
    }

    /** The functions run on the client's loop, and belong to the request nevertheless. */
    @Test
    void aCallThatFollowsAStageBelongsToTheRequestToo() throws Exception {
        Action<Message, Message> tell = Action.of("tell", Message.class, Message.class);
        Client near = near(all -> all.on("composed", request -> far.callAsync(tell, Message.text(""))
                        .thenCompose(first -> far.callAsync(tell, Message.text("")))
                        .thenCombine(far.callAsync("tell", Message.text(""), CallOptions.DEFAULT), (a, b) -> a)
                        .toCompletableFuture()
                        .get())
                .on("cancelled", request -> {
                    CompletableFuture<Message> waits =
                            far.callAsync("wait", request, CallOptions.DEFAULT).toCompletableFuture();
                    Await.until("it waits", () -> arrived.contains("waits"));
                    waits.cancel(true);
                    interrupted.await();
                    return request;
                })
                .on("elsewhere", (request, exchange) -> CompletableFuture.supplyAsync(() -> callAs(exchange))
                        .get()));
        assertThat(near.call("composed", Message.text(""), ASKED).text()).isEqualTo(TRACE + " acme null less");
        assertThat(near.call("elsewhere", Message.text(""), ASKED).text()).isEqualTo(TRACE + " acme null less");
        assertThat(near.call("cancelled", Message.text("x"), ASKED).text()).isEqualTo("x");
    }

    private Message callAs(Exchange exchange) {
        try {
            return exchange.call(() -> far.call("tell", Message.text("")));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void everyKindOfCallGetsThem() throws Exception {
        Client near =
                near(all -> all.on("async", request -> far.callAsync("tell", Message.text(""), CallOptions.DEFAULT)
                                .toCompletableFuture()
                                .get())
                        .on("read", request -> {
                            try (InStream<Message> in = far.stream(STREAM, Message.text(""))) {
                                return Objects.requireNonNull(in.receive());
                            }
                        })
                        .on("send", request -> {
                            far.send(Action.of("tell", Message.class, Message.class), Message.text(""))
                                    .toCompletableFuture()
                                    .get();
                            return request;
                        })
                        .onStream(STREAM, (asked, out) -> out.send(far.call("tell", Message.text(""))))
                        .otherwise(request -> far.call("tell", Message.text(""))));
        String expected = TRACE + " acme null less";
        assertThat(near.call("async", Message.text(""), ASKED).text()).isEqualTo(expected);
        assertThat(near.call("read", Message.text(""), ASKED).text()).isEqualTo(expected);
        assertThat(near.call("other", Message.text(""), ASKED).text()).isEqualTo(expected);
        try (InStream<Message> in = near.stream(STREAM, Message.text(""), ASKED)) {
            Message told = in.receive();
            assertThat(told == null ? "" : told.text()).isEqualTo(expected);
        }
        arrived.clear();
        near.call("send", Message.text(""), ASKED);
        Await.until("the one-way request has arrived", () -> !arrived.isEmpty());
        assertThat(arrived).containsExactly(expected);
    }

    @Test
    void aHandlerOnTheLoopPassesThemTooButWhatFollowsItDoesNot() throws Exception {
        var started = new AtomicReference<CompletableFuture<Message>>();
        var later = new CompletableFuture<Optional<Exchange>>();
        Client near = near(all -> all.onLoop("tell", request -> {
            started.set(
                    far.callAsync("tell", Message.text(""), CallOptions.DEFAULT).toCompletableFuture());
            EventLoop.current().orElseThrow().execute(() -> later.complete(Exchange.current()));
            return Message.text(
                    String.valueOf(Exchange.current().orElseThrow().header().text("x-own")));
        }));
        assertThat(near.call("tell", Message.text(""), ASKED).text()).isEqualTo("mine");
        assertThat(started.get().get(60, TimeUnit.SECONDS).text()).isEqualTo(TRACE + " acme null less");
        assertThat(later.get(60, TimeUnit.SECONDS)).isEmpty();
    }

    /** Two calls of a handler would have one key, and the second would count as a repetition of the first. */
    @Test
    void theKeyThatAllowsRepetitionDoesNotPass() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> bed.server().passOn("idempotency-key"))
                .withMessageContaining("two calls of a handler");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "id", "content-type", "action", "timeout-ms", "Authorization", "Traceparent", "more"})
    void aKeyThatCannotPassIsRefused(String key) {
        assertThatIllegalArgumentException().isThrownBy(() -> bed.server().passOn("x-tenant", key));
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.DEFAULT.withHeader(key, "x"));
    }

    @Test
    void aSubscriberOnTheLoopPassesThemForAsLongAsItIsCalled() throws Exception {
        var upload = Action.of("upload", Message.class, Message.class);
        Client near = near(all -> all.onLoopUpload(upload, (values, exchange) -> {
            var answer = new CompletableFuture<Message>();
            var isOver = new CompletableFuture<Void>();
            values.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(Message value) {
                    far.callAsync("tell", value, CallOptions.DEFAULT)
                            .thenAcceptBoth(isOver, (told, _) -> answer.complete(told));
                }

                @Override
                public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                }

                @Override
                public void onComplete() {
                    arrived.add("complete of "
                            + Exchange.current().orElseThrow().header().text("action"));
                    isOver.complete(null);
                }
            });
            return answer;
        }));
        Message told = near.upload(upload, new ByteArrayInputStream(new byte[1]), ASKED);
        assertThat(told.text()).isEqualTo(TRACE + " acme null less");
        assertThat(arrived).contains("complete of upload");
    }

    @Test
    void aCallMayHaveLessTimeAndValuesOfItsOwn() throws Exception {
        Client near = near(all -> all.on(
                "tell",
                request -> far.call(
                        "tell",
                        Message.text(""),
                        CallOptions.timeout(Duration.ofSeconds(5)).withHeader("x-tenant", "other"))));
        assertThat(near.call("tell", Message.text(""), ASKED.withTimeout(Duration.ofHours(1)))
                        .text())
                .isEqualTo(TRACE + " other null less");
    }

    @Test
    void aDetachedCallGetsNothing() throws Exception {
        Client near = near(all -> all.on(
                "tell",
                request -> far.call(
                        "tell",
                        Message.text(""),
                        CallOptions.DEFAULT.withoutTimeout().detached())));
        assertThat(near.call("tell", Message.text(""), ASKED).text()).isEqualTo("null null null unlimited");
    }

    @Test
    void codeWithoutAnExchangeAtHandFindsIt() throws Exception {
        assertThat(Exchange.current()).isEmpty();
        Client near = near(all -> all.on("thread", (request, exchange) -> {
            var told = new CompletableFuture<String>();
            Thread.ofVirtual().start(() -> {
                String without = Exchange.current().isPresent() ? "seen" : "unseen";
                exchange.run(() -> told.complete(without + " " + nested()));
            });
            return Message.text(nested() + " " + told.get());
        }));
        assertThat(near.call("thread", Message.text(""), ASKED).text()).isEqualTo("mine unseen mine");
    }

    private static String nested() {
        return String.valueOf(Exchange.current().orElseThrow().header().text("x-own"));
    }

    @Test
    void anExchangeOfTheLoopPassesToNoOtherThread() throws Exception {
        Client near = near(all -> all.onLoop("run", (request, exchange) -> {
            assertThatIllegalStateException().isThrownBy(() -> exchange.run(() -> {}));
            return Message.text("refused");
        }));
        assertThat(near.call("run", Message.text("")).text()).isEqualTo("refused");
    }

    /** Otherwise it would report another request, or something untrue. */
    @Test
    void anExchangeOfTheLoopSaysNothingAfterItsEnd() throws Exception {
        var kept = new AtomicReference<Exchange>();
        Client near = near(all -> all.onLoop("keep", (request, exchange) -> {
            assertThat(exchange.timeLeft()).isPresent();
            assertThat(exchange.principal()).isEmpty();
            kept.set(exchange);
            return Message.text("kept");
        }));
        assertThat(near.call("keep", Message.text("")).text()).isEqualTo("kept");
        List<Consumer<Exchange>> accessors = List.of(
                Exchange::header,
                Exchange::id,
                Exchange::timeLeft,
                Exchange::principal,
                Exchange::connection,
                Exchange::isCancelled,
                exchange -> exchange.onCancel(() -> {}),
                exchange -> exchange.run(() -> {}));
        assertThat(accessors).allSatisfy(accessor -> assertThatIllegalStateException()
                .isThrownBy(() -> accessor.accept(kept.get()))
                .withMessageContaining("ends"));
    }

    /**
     * If no time is left, this is not the same as no limit: the handler's time is over, and its next call ends at once.
     */
    @Test
    void aCallAfterTheTimeIsOverEndsAtOnce() throws Exception {
        var ended = new CompletableFuture<Throwable>();
        Client near = near(all -> all.interrupts(false).on("late", (request, exchange) -> {
            while (exchange.timeLeft().orElseThrow().isPositive()) {
                Thread.onSpinWait();
            }
            try {
                far.call(WAIT, Message.text(""), CallOptions.DEFAULT.withoutTimeout());
            } catch (IOException e) {
                ended.complete(e);
            }
            mayReturn.await(); // so that the response cannot come before the client's own timer fires
            return request;
        }));
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> near.call("late", Message.text(""), CallOptions.timeout(Duration.ofMillis(50))));
        assertThat(ended.get(60, TimeUnit.SECONDS))
                .isInstanceOfAny(TimedOutException.class, ExchangeEndedException.class);
        assertThat(arrived).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocking", "async", "stream"})
    void whatIsCancelledIsCancelledTwoServersAway(String kind) throws Exception {
        var ended = new CompletableFuture<Throwable>();
        Client near = near(all -> all.interrupts(false).on("go", request -> {
            try {
                switch (kind) {
                    case "blocking" -> far.call(WAIT, request, CallOptions.DEFAULT.withoutTimeout());
                    case "async" ->
                        far.callAsync(WAIT, request, CallOptions.DEFAULT.withoutTimeout())
                                .toCompletableFuture()
                                .get();
                    default -> {
                        try (InStream<Message> in = far.stream(STUCK, request)) {
                            in.receive();
                        }
                    }
                }
            } catch (Exception e) {
                ended.complete(e);
            }
            return request;
        }));
        var call = near.callAsync("go", Message.text(""), CallOptions.DEFAULT.withoutTimeout())
                .toCompletableFuture();
        Await.until("the last server waits", () -> arrived.contains("waits"));
        call.cancel(true);
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        Throwable end = ended.get(60, TimeUnit.SECONDS);
        assertThat(kind.equals("async") ? end.getCause() : end).isInstanceOf(ExchangeEndedException.class);
    }

    @Test
    void aStageOfACallThatIsCancelledCancelsTheCall() throws Exception {
        Action<Message, Message> typed = Action.of("wait", Message.class, Message.class);
        Client near = near(handlers -> handlers.on("start", request -> {
            CompletableFuture<Message> call = far.callAsync(typed, request).toCompletableFuture();
            Await.until("it waits", () -> arrived.contains("waits"));
            call.cancel(true);
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            return Message.text("interrupted");
        }));
        assertThat(near.call("start", Message.text("x")).text()).isEqualTo("interrupted");
    }
}
