package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.CallFilter;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientBuilder;
import dev.parley.Exchange;
import dev.parley.Filter;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.RequestRejectedException;
import dev.parley.Server;
import dev.parley.ServerBuilder;
import dev.parley.Topic;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.time.Ticker;
import dev.parley.testkit.Await;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests filters around handlers: their order, what they see, and those that come with Parley. */
@Timeout(300)
class FilterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Action<Message, Message> STREAM = Action.of("stream", Message.class, Message.class);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();

    @AfterEach
    void letGo() {
        mayReturn.release(1_000);
    }

    private EventLoop loop() {
        return bed.newLoop();
    }

    private Server server(UnaryOperator<ServerBuilder> filters) throws Exception {
        ServerBuilder settings = bed.server()
                .onLoop("here", request -> Message.text("here " + request.text()))
                .on("there", request -> Message.text("there " + request.text()))
                .on("wait", request -> {
                    started.incrementAndGet();
                    mayReturn.acquire();
                    return request;
                })
                .onStream(STREAM, (asked, out) -> out.send(Message.text("piece of " + asked.text())))
                .otherwise(request -> Message.text("otherwise"));
        return bed.keep(filters.apply(settings).listen(loop(), Address.parse("tcp://127.0.0.1:0")));
    }

    private Client client(Server server, UnaryOperator<ClientBuilder> filters) throws Exception {
        return bed.keep(
                filters.apply(Client.builder(server.address()).loop(loop()).retries(false))
                        .connect());
    }

    private Filter telling(String name) {
        return (request, chain) -> {
            seen.add(name + " before " + chain.action() + " " + chain.exchange().id());
            Message answer = chain.proceed(request);
            seen.add(name + " after");
            return answer;
        };
    }

    @Test
    void theFirstIsTheOutermostAndSeesEveryKind() throws Exception {
        Server server = server(all -> all.filter(telling("a")).filter(telling("b")));
        Client client = client(server, all -> all);
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        assertThat(seen).containsExactly("a before here 2", "b before here 2", "b after", "a after");
        seen.clear();
        try (InStream<Message> stream = client.stream(STREAM, Message.text("x"))) {
            Message piece = stream.receive();
            assertThat(piece == null ? "" : piece.text()).isEqualTo("piece of x");
            assertThat(stream.receive()).isNull();
        }
        assertThat(seen).containsExactly("a before stream 3", "b before stream 3", "b after", "a after");
        seen.clear();
        client.send(Action.of("there", Message.class, Message.class), Message.text("x"));
        Await.until("the one-way request was seen", () -> seen.size() == 4);
        assertThat(seen).contains("a before there 4");
        assertThat(client.call("nobody", Message.text("x")).text()).isEqualTo("otherwise");
        assertThat(seen).contains("a before null 5");
    }

    @Test
    void aFilterMayChangeBothAndAnswerItself() throws Exception {
        Server server =
                server(all -> all.filter((request, chain) -> request.text().equals("short cut")
                        ? Message.text("cut")
                        : Message.text(chain.proceed(Message.text("changed")).text() + "!")));
        Client client = client(server, all -> all);
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here changed!");
        assertThat(client.call("there", Message.text("short cut")).text()).isEqualTo("cut");
    }

    private static void assertRefused(String code, Client client, String action, Message request) {
        assertThatThrownBy(() -> client.call(action, request, CallOptions.timeout(PATIENCE)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void moreAtOnceThanAllowedAreBusy() throws Exception {
        Server server = server(all -> all.filter(Filter.concurrency(2)));
        Client client = client(server, all -> all);
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        var first = client.callAsync("wait", Message.text("1"), CallOptions.timeout(PATIENCE))
                .toCompletableFuture();
        var second = client.callAsync("wait", Message.text("2"), CallOptions.timeout(PATIENCE))
                .toCompletableFuture();
        Await.until("both run", () -> started.get() == 2);
        assertRefused("busy", client, "here", Message.text("x"));
        assertRefused("busy", client, "there", Message.text("x"));
        mayReturn.release(2);
        assertThat(first.get().text() + second.get().text()).isEqualTo("12");
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
    }

    @Test
    void moreInASecondThanAllowedAreBusy() throws Exception {
        var ticker = new ManualTicker();
        Server server = server(all -> all.filter(Filter.rate(10, 3, ticker)));
        Client client = client(server, all -> all);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
            }
            assertRefused("busy", client, "here", Message.text("x"));
            ticker.advance(Duration.ofMillis(100));
            assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
            assertRefused("busy", client, "here", Message.text("x"));
            ticker.advance(Duration.ofMinutes(1));
        }
    }

    @Test
    void contentsAreCompressedWhereBothSidesDo() throws Exception {
        String text = "again and again ".repeat(1_000);
        var lengths = new ConcurrentLinkedQueue<Integer>();
        Filter watching = (request, chain) -> {
            lengths.add(request.content().length);
            Message answer = chain.proceed(request);
            lengths.add(answer.content().length);
            return answer;
        };
        Server server = server(all -> all.filter(watching).filter(Filter.gzip(100)));
        Client client = client(server, all -> all.filter(CallFilter.gzip(100)));
        for (int i = 0; i < 3; i++) {
            assertThat(client.call("there", Message.text(text)).text()).isEqualTo("there " + text);
            assertThat(lengths.remove()).isEqualTo(text.length()); // unpacked before any filter sees it
            assertThat(lengths.remove()).isLessThan(1_000);
        }
        assertThat(client(server, all -> all).call("there", Message.text(text)).text())
                .isEqualTo("there " + text);
        assertThat(lengths).containsExactly(text.length(), text.length() + 6);
    }

    @Test
    void aSlowRateWithALargeBurstLetsTheBurstPass() throws Exception {
        Server server = server(all -> all.filter(Filter.rate(0.000_1, Integer.MAX_VALUE, Ticker.SYSTEM)));
        Client client = client(server, all -> all);
        for (int i = 0; i < 10; i++) {
            assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        }
    }

    /** The filters of a stream on the loop return at once, but the stream goes on, and counts until its end. */
    @Test
    void aStreamOnTheLoopCountsUntilItsEnd() throws Exception {
        var topic = new Topic<Message>(10, Topic.Policy.DROP_OLDEST);
        var answer = new CompletableFuture<Message>();
        var upload = Action.of("upload", Message.class, Message.class);
        var watch = Action.of("watch", Message.class, Message.class);
        Filter telling = (request, chain) -> {
            chain.whenOver(() -> seen.add("over " + chain.action()));
            return chain.proceed(request);
        };
        Server server = server(all -> all.filter(telling)
                .filter(Filter.concurrency(1))
                .onLoopStream(watch, asked -> topic)
                .onLoopUpload(upload, values -> answer));
        Client client = client(server, all -> all);
        try (InStream<Message> _ = client.stream(watch, Message.text(""))) {
            Await.until("it has begun", () -> topic.subscribers() == 1);
            assertRefused("busy", client, "here", Message.text("x"));
            assertThat(seen).containsExactly("over here");
        }
        Await.until("it has ended", () -> seen.contains("over watch"));
        var uploaded = CompletableFuture.supplyAsync(() -> {
            try {
                return client.upload(upload, new ByteArrayInputStream(new byte[1]));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Await.until("the upload counts", () -> isBusy(client));
        assertThat(seen).doesNotContain("over upload");
        answer.complete(Message.text("done"));
        assertThat(uploaded.get().text()).isEqualTo("done");
        assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        assertThat(seen).contains("over upload");
    }

    /** The client, and the log, get the first failure, which explains the others. */
    @Test
    void aTaskAtTheEndThatThrowsHidesNoFailure() throws Exception {
        Filter failing = (request, chain) -> {
            chain.whenOver(() -> {
                throw new IllegalStateException("a task at the end");
            });
            chain.whenOver(() -> seen.add("over"));
            throw new RequestRejectedException(ErrorCode.BUSY, "the filter itself");
        };
        Client client = client(server(all -> all.filter(failing)), all -> all);
        assertRefused("busy", client, "here", Message.text("x"));
        assertThat(seen).containsExactly("over");
    }

    /** An application may call a filter with a chain of its own, which knows the three old methods. */
    @Test
    void concurrencyWorksWithAForeignChain() throws Exception {
        Filter two = Filter.concurrency(2);
        Filter composed = (request, chain) -> two.filter(request, new Filter.Chain() {
            @Override
            public Message proceed(Message passed) throws Exception {
                return chain.proceed(passed);
            }

            @Override
            public @Nullable String action() {
                return chain.action();
            }

            @Override
            public Exchange exchange() {
                return chain.exchange();
            }
        });
        Client client = client(server(all -> all.filter(composed)), all -> all);
        for (int i = 0; i < 5; i++) {
            assertThat(client.call("here", Message.text("x")).text()).isEqualTo("here x");
        }
    }

    private static boolean isBusy(Client client) {
        try {
            client.call("here", Message.text("x"));
            return false;
        } catch (RefusedException busy) {
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aStreamOnTheLoopThatIsCutOffHasEndedForItsFilters() throws Exception {
        var topic = new Topic<Message>(10, Topic.Policy.DROP_OLDEST);
        var watch = Action.of("watch", Message.class, Message.class);
        Server server = server(all -> all.filter(Filter.concurrency(1)).onLoopStream(watch, asked -> topic));
        Client cutOff = client(server, all -> all);
        try (InStream<Message> _ = cutOff.stream(watch, Message.text(""))) {
            Await.until("it has begun", () -> topic.subscribers() == 1);
            cutOff.close();
        }
        Client other = client(server, all -> all);
        Await.until("the other client gets its turn", () -> {
            topic.publish(Message.text("x")); // so that the server notices
            return !isBusy(other);
        });
    }
}
