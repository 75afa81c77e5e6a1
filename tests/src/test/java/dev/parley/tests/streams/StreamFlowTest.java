package dev.parley.tests.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.Action;
import dev.parley.ApplicationException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Duplex;
import dev.parley.Exchange;
import dev.parley.InStream;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.Server;
import dev.parley.TimedOutException;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests streams without threads: publishers and subscribers on the loops of both sides. */
@Timeout(120)
class StreamFlowTest {
    private static final Action<Integer, Integer> COUNT = Action.of("count", Integer.class, Integer.class);
    private static final Action<Integer, Integer> SILENT = Action.of("silent", Integer.class, Integer.class);
    private static final Action<Integer, Integer> FAIL = Action.of("fail", Integer.class, Integer.class);
    private static final Action<Integer, Integer> NULL = Action.of("null", Integer.class, Integer.class);
    private static final Action<Integer, Integer> ECHO = Action.of("echo", Integer.class, Integer.class);
    private static final Action<Integer, Integer> SUM = Action.of("sum", Integer.class, Integer.class);
    private static final int MANY = 20_000;

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final AtomicInteger cancelled = new AtomicInteger();
    private final AtomicLong published = new AtomicLong();
    private final Queue<String> where = new ConcurrentLinkedQueue<>();
    private final Set<String> requesting = ConcurrentHashMap.newKeySet();
    private EventLoop clientLoop;
    private Client client;

    /** Publishes as many numbers as are requested, up to a number, on the thread that requests them. */
    private final class Counting implements Flow.Publisher<Integer> {
        private final int to;
        private final @Nullable Throwable failure;

        Counting(int to, @Nullable Throwable failure) {
            this.to = to;
            this.failure = failure;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super Integer> subscriber) {
            subscriber.onSubscribe(new Flow.Subscription() {
                private int next = 1;
                private boolean over;

                @Override
                public void request(long count) {
                    requesting.add(Thread.currentThread().getName());
                    for (long i = 0; i < count && next <= to && !over; i++) {
                        published.incrementAndGet();
                        subscriber.onNext(next++);
                    }
                    if (next > to && !over && to >= 0) {
                        over = true;
                        if (failure == null) {
                            subscriber.onComplete();
                        } else {
                            subscriber.onError(failure);
                        }
                    }
                }

                @Override
                public void cancel() {
                    over = true;
                    cancelled.incrementAndGet();
                }
            });
        }
    }

    /** Collects what it gets, and requests more as a test wants. */
    private static final class Collecting implements Flow.Subscriber<Integer> {
        final Queue<Integer> values = new ConcurrentLinkedQueue<>();
        final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private final long first;
        private final Consumer<Collecting> onNext;

        Collecting(long first, Consumer<Collecting> onNext) {
            this.first = first;
            this.onNext = onNext;
        }

        static Collecting all() {
            return new Collecting(Long.MAX_VALUE, self -> {});
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
            if (first > 0) {
                given.request(first);
            }
        }

        @Override
        public void onNext(Integer value) {
            values.add(value);
            onNext.accept(this);
        }

        @Override
        public void onError(Throwable thrown) {
            end.complete(thrown);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }

        @Nullable
        Throwable end() throws Exception {
            return end.get(60, TimeUnit.SECONDS);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        Server server = bed.keep(bed.server()
                .onLoopStream(COUNT, (to, exchange) -> {
                    where.add(Thread.currentThread().getName() + " "
                            + Exchange.current().isPresent());
                    return new Counting(to, null);
                })
                .onLoopStream(SILENT, (to, exchange) -> new Counting(-1, null))
                .onLoopStream(FAIL, (to, exchange) -> {
                    if (to == 0) {
                        throw new ApplicationException("none", "none at all");
                    }
                    return new Counting(to, new ApplicationException("enough", "no more of it"));
                })
                .onLoopStream(NULL, (to, exchange) -> nothing())
                .onLoopDuplex(ECHO, (values, exchange) -> values)
                .onLoopUpload(SUM, (values, exchange) -> {
                    var sum = new CompletableFuture<Integer>();
                    values.subscribe(new Summing(sum));
                    return sum;
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        clientLoop = bed.newLoop();
        client = bed.keep(
                Client.builder(server.address()).loop(clientLoop).retries(false).connect());
    }

    private record Summing(CompletableFuture<Integer> result, AtomicInteger sum) implements Flow.Subscriber<Integer> {
        Summing(CompletableFuture<Integer> result) {
            this(result, new AtomicInteger());
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Integer value) {
            sum.addAndGet(value);
        }

        @Override
        public void onError(Throwable thrown) {
            result.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            result.complete(sum.get());
        }
    }

    @SuppressWarnings("NullAway") // a handler returns null although it must not
    private static Flow.Publisher<Integer> nothing() {
        return null;
    }

    private static List<Integer> to(int last) {
        var all = new ArrayList<Integer>();
        for (int i = 1; i <= last; i++) {
            all.add(i);
        }
        return all;
    }

    @Test
    void allValuesArriveInTheirOrderOnTheLoop() throws Exception {
        var threads = new ConcurrentLinkedQueue<Boolean>();
        var subscriber = new Collecting(Long.MAX_VALUE, self -> threads.add(clientLoop.isCurrent()));
        client.streamAsync(COUNT, MANY).subscribe(subscriber);
        assertThat(subscriber.end()).isNull();
        assertThat(subscriber.values).containsExactlyElementsOf(to(MANY));
        assertThat(threads).containsOnly(true);
        assertThat(where).singleElement().asString().startsWith("parley-loop").endsWith("true");
    }

    @Test
    void oneAtATimeIsEnough() throws Exception {
        var subscriber = new Collecting(1, self -> self.subscription.join().request(1));
        client.streamAsync(COUNT, 1_000).subscribe(subscriber);
        assertThat(subscriber.end()).isNull();
        assertThat(subscriber.values).containsExactlyElementsOf(to(1_000));
    }

    /** A reader that requests nothing holds back the publisher: 64 KiB of credit, and a few values that wait. */
    @Test
    void whoRequestsNothingGetsNothing() throws Exception {
        var slow = new Collecting(1, self -> {});
        client.streamAsync(COUNT, 10_000_000).subscribe(slow);
        Await.until("the first came", () -> slow.values.size() == 1);
        var quick = Collecting.all();
        client.streamAsync(COUNT, 1_000).subscribe(quick);
        assertThat(quick.end()).isNull();
        assertThat(slow.values).hasSize(1);
        assertThat(published.get()).isLessThan(100_000);
        slow.subscription.join().request(9);
        Await.until("ten came", () -> slow.values.size() == 10);
        slow.subscription.join().cancel();
        Await.until("the server's subscription is cancelled", () -> cancelled.get() == 1);
        assertThat(slow.values).hasSize(10);
        assertThat(slow.end).isNotDone();
    }

    @Test
    void bothDirectionsGoAtOnce() throws Exception {
        var subscriber = Collecting.all();
        client.duplexAsync(ECHO, new Counting(MANY, null)).subscribe(subscriber);
        assertThat(subscriber.end()).isNull();
        assertThat(subscriber.values).containsExactlyElementsOf(to(MANY));
        assertThat(requesting).as("threads that request, one call at a time").hasSize(1);
    }

    @Test
    void anUploadIsAnsweredOnce() throws Exception {
        var subscriber = Collecting.all();
        client.duplexAsync(SUM, new Counting(1_000, null)).subscribe(subscriber);
        assertThat(subscriber.end()).isNull();
        assertThat(subscriber.values).containsExactly(500_500);
    }

    @Test
    void blockingStreamsTalkToThemToo() throws Exception {
        try (InStream<Integer> in = client.stream(COUNT, 1_000)) {
            assertThat(in).containsExactlyElementsOf(to(1_000));
        }
        try (var duplex = client.duplex(ECHO)) {
            duplex.send(7);
            assertThat(duplex.receive()).isEqualTo(7);
            duplex.end();
            assertThat(duplex.receive()).isNull();
        }
    }

    @Test
    void aFailureOfThePublisherIsThatOfAHandler() throws Exception {
        for (int count : new int[] {0, 3}) {
            var subscriber = Collecting.all();
            client.streamAsync(FAIL, count).subscribe(subscriber);
            assertThat(subscriber.end())
                    .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.applicationCode())
                            .isEqualTo(count == 0 ? "none" : "enough"));
            assertThat(subscriber.values).hasSize(count);
        }
        var nothing = Collecting.all();
        client.streamAsync(NULL, 1).subscribe(nothing);
        assertThat(nothing.end()).isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.code())
                .isEqualTo("internal"));
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("the handler returned null");
    }

    @Test
    void aClientThatGivesUpCancelsThePublisher() throws Exception {
        var subscriber = Collecting.all();
        client.streamAsync(SILENT, 1, CallOptions.timeout(Duration.ofMillis(100)))
                .subscribe(subscriber);
        assertThat(subscriber.end()).isInstanceOf(TimedOutException.class);
        Await.until("the server's subscription is cancelled", () -> cancelled.get() == 1);
    }

    @Test
    void aFailureOfTheClientsOwnPublisherEndsTheStream() throws Exception {
        var subscriber = Collecting.all();
        client.duplexAsync(ECHO, new Counting(3, new IllegalStateException("its own")))
                .subscribe(subscriber);
        assertThat(subscriber.end()).isNotNull();
    }

    @Test
    void aSubscriberThatThrowsEndsItsStreamAlone() throws Exception {
        var other = new Collecting(1, self -> {});
        client.streamAsync(COUNT, 2).subscribe(other);
        var throwing = new Collecting(Long.MAX_VALUE, self -> {
            throw new IllegalStateException("its own");
        });
        client.streamAsync(COUNT, MANY).subscribe(throwing);
        Await.until("the server's subscription is cancelled", () -> cancelled.get() == 1);
        assertThat(throwing.values).hasSize(1);
        other.subscription.join().request(1);
        assertThat(other.end()).isNull();
        assertThat(bed.census().takeFailures()).singleElement().asString().contains("the subscriber of a stream");
    }

    @Test
    void aWrongRequestIsAnError() throws Exception {
        var subscriber = new Collecting(0, self -> {});
        client.streamAsync(COUNT, 2).subscribe(subscriber);
        subscriber.subscription.get(60, TimeUnit.SECONDS).request(0);
        assertThat(subscriber.end()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBlockingUploadIsReadWithoutAThread() throws Exception {
        Action<Message, Long> bytes = Action.of("bytes", Message.class, Long.class);
        Server server = bed.keep(bed.server()
                .onLoopUpload(bytes, (values, exchange) -> {
                    var sum = new CompletableFuture<Long>();
                    values.subscribe(new Flow.Subscriber<>() {
                        private long read;

                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            subscription.request(Long.MAX_VALUE);
                        }

                        @Override
                        public void onNext(Message value) {
                            read += value.contentLength();
                        }

                        @Override
                        public void onError(Throwable thrown) {
                            sum.completeExceptionally(thrown);
                        }

                        @Override
                        public void onComplete() {
                            sum.complete(read);
                        }
                    });
                    return sum;
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client sender = bed.client(server.address());
        assertThat(sender.upload(bytes, new ByteArrayInputStream(new byte[3_000_000])))
                .isEqualTo(3_000_000);
    }

    @Test
    void aSubscriberOfAHandlerThatThrowsFailsItsStreamAlone() throws Exception {
        Action<Message, Integer> broken = Action.of("broken", Message.class, Integer.class);
        Server server = bed.keep(bed.server()
                .onLoopUpload(broken, (values, exchange) -> {
                    values.subscribe(new Flow.Subscriber<>() {
                        @Override
                        public void onSubscribe(Flow.Subscription given) {
                            given.request(Long.MAX_VALUE);
                        }

                        @Override
                        public void onNext(Message value) {}

                        @Override
                        public void onError(Throwable thrown) {}

                        @Override
                        public void onComplete() {
                            throw new IllegalStateException("its own");
                        }
                    });
                    return new CompletableFuture<>();
                })
                .onLoopDuplex(ECHO, (values, exchange) -> subscriber -> {
                    subscriber.onSubscribe(new Flow.Subscription() {
                        @Override
                        public void request(long count) {}

                        @Override
                        public void cancel() {}
                    });
                    values.subscribe(new Collecting(Long.MAX_VALUE, self -> {
                        throw new IllegalStateException("its own");
                    }));
                })
                .listen(bed.newLoop(), Address.parse("tcp://127.0.0.1:0")));
        Client other =
                bed.keep(Client.builder(server.address()).loop(clientLoop).connect());
        assertThatThrownBy(() -> other.upload(broken, new ByteArrayInputStream(new byte[] {'1'})))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.code()).isEqualTo("internal"));
        try (Duplex<Integer, Integer> duplex = other.duplex(ECHO)) {
            duplex.send(1);
            assertThatThrownBy(duplex::receive).isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.code())
                    .isEqualTo("internal"));
        }
        assertThat(bed.census().takeFailures()).hasSize(2).allSatisfy(each -> assertThat(each.toString())
                .contains("its own"));
    }

    /** The end of the server does not count as a failure of the handler, so nothing is logged. */
    @Test
    void aServerThatClosesEndsItsStreamsWithoutAWord() throws Exception {
        Server server =
                bed.server().onLoopDuplex(ECHO, (values, exchange) -> values).listen("tcp://localhost:0");
        Client other = bed.keep(
                Client.builder(server.address()).loop(clientLoop).retries(false).connect());
        Duplex<Integer, Integer> duplex = other.duplex(ECHO);
        duplex.send(1);
        assertThat(duplex.receive()).isEqualTo(1);
        server.close();
        assertThatThrownBy(duplex::receive).isInstanceOf(IOException.class);
        assertThat(bed.census().takeFailures()).isEmpty();
        duplex.close();
    }
}
