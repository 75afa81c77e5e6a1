package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallException.Outcome;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.ClientState;
import dev.parley.Duplex;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.frame.Header;
import dev.parley.net.Address;
import dev.parley.net.ConnectFailedException;
import dev.parley.testkit.Await;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the options of a call, for every kind of call. */
@Timeout(120)
class CallOptionsTest {
    private static final Action<String, String> ECHO = Action.of("echo", String.class, String.class);
    private static final Action<String, String> STREAM = Action.of("stream", String.class, String.class);
    private static final Action<Message, String> UPLOAD = Action.of("upload", Message.class, String.class);
    private static final Action<String, String> DUPLEX = Action.of("duplex", String.class, String.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<String> users = new ConcurrentLinkedQueue<>();
    private Server server;

    @BeforeEach
    void serve() throws Exception {
        server = bed.keep(bed.server()
                .on(ECHO, (text, exchange) -> user(exchange.header().text("x-user"), text))
                .on("raw", (request, exchange) -> Message.text(
                                user(exchange.header().text("x-user"), request.text()))
                        .with("x-seen", "raw"))
                .onStream(
                        STREAM,
                        (text, out, exchange) -> out.send(user(exchange.header().text("x-user"), text)))
                .onUpload(UPLOAD, (in, exchange) -> user(exchange.header().text("x-user"), "bytes"))
                .onDuplex(
                        DUPLEX,
                        (in, out, exchange) -> out.send(user(exchange.header().text("x-user"), "duplex")))
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
    }

    private String user(@Nullable Object user, String text) {
        users.add(String.valueOf(user));
        return text + " for " + user;
    }

    private Client client() throws Exception {
        return bed.keep(Client.builder(server.address()).loop(bed.newLoop()).connect());
    }

    @Test
    void aHeaderArrivesWithEveryKindOfCall() throws Exception {
        Client client = client();
        CallOptions ann = CallOptions.DEFAULT.withHeader("x-user", "ann");
        assertThat(client.call(ECHO, "1", ann)).isEqualTo("1 for ann");
        assertThat(client.callAsync(ECHO, "2", ann).toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo("2 for ann");
        assertThat(client.call("raw", Message.text("3").with("x-user", "own"), ann)
                        .text())
                .isEqualTo("3 for ann");
        assertThat(client.stream(STREAM, "4", ann)).containsExactly("4 for ann");
        assertThat(client.upload(UPLOAD, new ByteArrayInputStream(new byte[9]), ann))
                .isEqualTo("bytes for ann");
        try (Duplex<String, String> duplex = client.duplex(DUPLEX, ann)) {
            assertThat(duplex.receive()).isEqualTo("duplex for ann");
        }
        users.clear();
        client.send(ECHO, "5", ann).toCompletableFuture().get(60, TimeUnit.SECONDS);
        Await.until("the one-way request has arrived", () -> !users.isEmpty());
        assertThat(users).containsExactly("ann");
    }

    @Test
    void theOptionsOfTheClientAreDefaults() throws Exception {
        Client client = bed.keep(Client.builder(server.address())
                .loop(bed.newLoop())
                .options(CallOptions.timeout(Duration.ofSeconds(30)).withHeader("x-user", "all"))
                .connect());
        assertThat(client.call(ECHO, "1")).isEqualTo("1 for all");
        assertThat(client.call(ECHO, "2", CallOptions.DEFAULT.withHeader("x-user", "one")))
                .isEqualTo("2 for one");
        assertThat(client.stream(STREAM, "3")).containsExactly("3 for all");
    }

    @Test
    void theHeaderOfTheAnswerCanBeHad() throws Exception {
        Client client = client();
        var header = new AtomicReference<@Nullable String>();
        CallOptions options = CallOptions.DEFAULT.withAnswerHeader(got -> header.set(got.contentType()));
        client.call("raw", Message.text("1"), options.withAnswerHeader(got -> header.set(got.text("x-seen"))));
        assertThat(header.getAndSet(null)).isEqualTo("raw");
        client.call(ECHO, "1", options);
        assertThat(header.getAndSet(null)).isEqualTo("text/json");
        client.callAsync(ECHO, "2", options).toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(header.getAndSet(null)).isEqualTo("text/json");
        assertThat(client.stream(STREAM, "3", options)).hasSize(1);
        assertThat(header.getAndSet(null)).isEqualTo("text/json");
        assertThat(client.upload(UPLOAD, new ByteArrayInputStream(new byte[9]), options))
                .isNotEmpty();
        assertThat(header.getAndSet(null)).isEqualTo("text/json");
    }

    /** If no time is left, this is not the same as no limit. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aTimeThatIsOverEndsACallAtOnce(long nanos) throws Exception {
        Client client = client();
        CallOptions over = CallOptions.timeout(Duration.ofNanos(nanos));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> client.call(ECHO, "1", over))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED));
        try (InStream<String> stream = client.stream(STREAM, "2", over)) {
            assertThatExceptionOfType(TimedOutException.class).isThrownBy(stream::receive);
        }
        assertThat(client.send(ECHO, "3", over).toCompletableFuture()).isCompletedExceptionally();
        assertThat(users).isEmpty();
    }

    @Test
    void oneCallMayWaitForItsServerWhereOthersDoNot() throws Exception {
        Address nobody;
        try (var port = new ServerSocket(0)) {
            nobody = Address.parse("tcp://127.0.0.1:" + port.getLocalPort());
        }
        Client client = bed.keep(Client.builder(nobody).loop(bed.newLoop()).start());
        assertThatExceptionOfType(ConnectFailedException.class).isThrownBy(() -> client.call(ECHO, "1"));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> client.call(
                        ECHO, "2", CallOptions.timeout(Duration.ofMillis(100)).withWaitForReady(true)));
        Client waiting = bed.keep(
                Client.builder(nobody).loop(bed.newLoop()).waitForReady(true).start());
        assertThatExceptionOfType(ConnectFailedException.class)
                .isThrownBy(() -> waiting.call(ECHO, "3", CallOptions.DEFAULT.withWaitForReady(false)));
    }

    @Test
    void aBlockingConnectWaitsIfTheCallsDo() throws Exception {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Address address = Address.parse("tcp://127.0.0.1:" + port);
        var late = new AtomicReference<@Nullable Thread>();
        Client client = bed.keep(Client.builder(address)
                .loop(bed.newLoop())
                .waitForReady(true)
                .onState(change -> {
                    if (change.state() == ClientState.BACKING_OFF) { // the first attempt has failed
                        late.compareAndSet(null, Thread.startVirtualThread(() -> serveLate(address)));
                    }
                })
                .connect());
        assertThat(client.call("x", Message.text("there")).text()).isEqualTo("there");
    }

    private void serveLate(Address address) {
        try {
            bed.keep(bed.server().on("x", request -> request).listen(bed.newLoop(), address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "timeout-ms",
                "action",
                "reply",
                "accept-coding",
                "content-coding",
                "status",
                "id",
                "more",
                "control",
                "close",
                "content-length",
                "content-type"
            })
    void aReservedKeyIsRefused(String key) {
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.DEFAULT.withHeader(key, "x"));
    }

    @Test
    void aForbiddenValueIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CallOptions.DEFAULT.withHeader("x-user", "x".repeat(2_000)));
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.DEFAULT.withHeader("x-user", "\ud800"));
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.DEFAULT.withHeader("x-user", new Object()));
        assertThatIllegalArgumentException().isThrownBy(() -> CallOptions.DEFAULT.withHeader("authorization", 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CallOptions.DEFAULT.withIdempotencyKey("x".repeat(2_000)));
    }

    @Test
    void settingsOfAPlainClientThatContradictAreRefused() throws Exception {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Client.builder("tcp://a:1", "tcp://b:1").plain(true).start())
                .withMessageContaining("a plain client connects for each call");
        assertThatIllegalArgumentException().isThrownBy(() -> Client.builder("tcp://a:1")
                .plain(true)
                .waitForReady(true)
                .start());
        try (ServerSocketChannel listening = RawPeer.listen();
                Client client =
                        Client.builder(RawPeer.addressOf(listening)).plain(true).start()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.call(Message.json("{}"), CallOptions.DEFAULT.withWaitForReady(true)));
            assertThatIllegalArgumentException().isThrownBy(() -> client.send(ECHO, "x"));
        }
    }

    @Test
    void aClosedClientSaysSoInsteadOfALostConnection() throws Exception {
        Client client = client();
        client.close();
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.call(ECHO, "x"))
                .satisfies(e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_PROCESSED));
        try (InStream<String> stream = client.stream(STREAM, "x")) {
            assertThatExceptionOfType(ClientClosedException.class).isThrownBy(stream::receive);
        }
    }

    @Test
    void aRequestWithoutAnAnswerHasNoAnswerHeader() throws Exception {
        var seen = new ConcurrentLinkedQueue<Header>();
        Client client = bed.client(
                bed.listen(bed.server().otherwise(request -> request)).address());
        client.send(
                        Action.of("x", Message.class, Message.class),
                        Message.text("x"),
                        CallOptions.DEFAULT.withAnswerHeader(seen::add))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        assertThat(seen).isEmpty();
    }

    /** A stream without a value has a header all the same, and an upload whose answer has no content. */
    @Test
    @SuppressWarnings("NullAway") // an action of Void.class does not say that its value is null
    void theHeaderOfTheEndCanBeHadWhereThereIsNoAnswer() throws Exception {
        Action<Message, Void> put = Action.of("put", Message.class, Void.class);
        Action<Message, Message> fails = Action.of("fails", Message.class, Message.class);
        Client client = bed.client(bed.listen(bed.server()
                        .onStream(STREAM, (text, out) -> {})
                        .onUpload(put, (in, exchange) -> null)
                        .onStream(fails, (asked, out) -> {
                            throw new ApplicationException("sold-out", "no more of it");
                        }))
                .address());
        var seen = new ConcurrentLinkedQueue<Header>();
        CallOptions options = CallOptions.DEFAULT.withAnswerHeader(seen::add);
        assertThat(client.stream(STREAM, "x", options)).isEmpty();
        assertThat(seen).hasSize(1);
        client.upload(put, new ByteArrayInputStream(new byte[9]), options);
        assertThat(seen).hasSize(2);
        var over = new CountDownLatch(1);
        client.streamAsync(STREAM, "x", options).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {}

            @Override
            public void onNext(String value) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onComplete() {
                over.countDown();
            }
        });
        assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).hasSize(3);
        try (InStream<Message> in = client.stream(fails, Message.text(""), options)) {
            assertThatExceptionOfType(RefusedException.class)
                    .isThrownBy(in::receive)
                    .satisfies(e -> assertThat(e.response()).isNotNull());
        }
        assertThat(seen).hasSize(3);
    }

    @Test
    void aReaderThatThrowsFailsTheStreamThatHasNoAnswer() throws Exception {
        Client client = bed.client(
                bed.listen(bed.server().onStream(STREAM, (text, out) -> {})).address());
        CallOptions throwing = CallOptions.DEFAULT.withAnswerHeader(header -> {
            throw new IllegalStateException("on purpose");
        });
        try (InStream<String> in = client.stream(STREAM, "x", throwing)) {
            assertThatIllegalStateException().isThrownBy(in::receive).withMessage("on purpose");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what a program without null checks may do
    void noTimeLimitIsNotNull() {
        assertThatNullPointerException().isThrownBy(() -> CallOptions.timeout(null));
    }
}
