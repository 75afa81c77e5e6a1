package dev.parley.tests.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ClientClosedException;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.net.Transports;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import dev.parley.tests.contract.ForwardingEvents;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests how calls get from their callers to the system: together, and without a turn of the loop for each. */
@Timeout(300)
class PipeliningTest {
    private static final int CALLS = 100; // as many as may be in flight
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Message QUESTION = Message.json("{\"say\": 1}");

    static List<String> transports() {
        return Transports.names();
    }

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    /** Counts what a client gives to the system; the census hears the rest. */
    private static final class Writes implements ForwardingEvents {
        private final Census census;
        private final AtomicInteger count = new AtomicInteger();

        Writes(Census census) {
            this.census = census;
        }

        @Override
        public LoopObserver to() {
            return census;
        }

        @Override
        public void sent(ConnectionInfo connection, ByteBuffer bytes) {
            count.incrementAndGet();
        }
    }

    /** A server, and a client that knows it by now, so that many calls may be in flight; each has its own loop. */
    private static final class Pair {
        private final EventLoop loop;
        private final Client client;
        private final Writes writes;

        Pair(TestBed bed, String transport) throws Exception {
            Server server = bed.listen(bed.server().onLoop("hello", request -> request));
            writes = new Writes(bed.census());
            loop = bed.keep(bed.census()
                    .watch(EventLoop.builder()
                            .transport(Usable.transport(transport))
                            .observer(writes)
                            .start()));
            client = bed.keep(Client.builder(server.address()).loop(loop).connect());
            client.call("hello", QUESTION);
            writes.count.set(0);
        }

        CompletionStage<Message> ask() {
            return client.callAsync("hello", QUESTION, CallOptions.timeout(PATIENCE));
        }
    }

    private static List<CompletableFuture<Message>> onLoop(Pair pair, int count, Supplier<CompletionStage<Message>> ask)
            throws Exception {
        var calls = new ArrayList<CompletableFuture<Message>>();
        var made = new CountDownLatch(1);
        pair.loop.execute(() -> {
            for (int i = 0; i < count; i++) {
                calls.add(ask.get().toCompletableFuture());
            }
            made.countDown();
        });
        made.await();
        return calls;
    }

    private static void awaitAll(Collection<CompletableFuture<Message>> calls) throws Exception {
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).get();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void callsMadeTogetherOnTheLoopLeaveInOneWrite(String transport) throws Exception {
        var pair = new Pair(bed, transport);
        awaitAll(onLoop(pair, CALLS, pair::ask));
        assertThat(pair.writes.count).hasValue(1);
    }

    /** The loop is held until all calls were made, so that they are there in one turn. */
    @ParameterizedTest
    @MethodSource("transports")
    void callsOfManyThreadsLeaveInOneWrite(String transport) throws Exception {
        var pair = new Pair(bed, transport);
        var held = new CountDownLatch(1);
        var made = new CountDownLatch(1);
        pair.loop.execute(() -> {
            held.countDown();
            awaitUninterrupted(made);
        });
        held.await();
        Collection<CompletableFuture<Message>> calls = callsOfThreads(pair);
        made.countDown();
        awaitAll(calls);
        assertThat(pair.writes.count).hasValue(1);
    }

    private static Collection<CompletableFuture<Message>> callsOfThreads(Pair pair) throws Exception {
        var calls = new ConcurrentLinkedQueue<CompletableFuture<Message>>();
        var makers = new ArrayList<Thread>();
        for (int i = 0; i < CALLS; i++) {
            makers.add(Thread.ofVirtual().start(() -> calls.add(pair.ask().toCompletableFuture())));
        }
        for (Thread maker : makers) {
            maker.join();
        }
        return calls;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A task that is handed over runs in the next turn; the call left in the one before. */
    @ParameterizedTest
    @MethodSource("transports")
    void aCallOnTheLoopLeavesInTheTurnThatMadeIt(String transport) throws Exception {
        var pair = new Pair(bed, transport);
        var writesByThen = new CompletableFuture<Integer>();
        awaitAll(onLoop(pair, 1, () -> {
            pair.loop.execute(() -> writesByThen.complete(pair.writes.count.get()));
            return pair.ask();
        }));
        assertThat(writesByThen.get()).isEqualTo(1);
    }

    /** If a caller answers each refusal with another call, the stack must not grow each time. */
    @Test
    void refusalsOnTheLoopDoNotNest() throws Exception {
        var pair = new Pair(bed, "nio");
        pair.client.close();
        var over = new CompletableFuture<Void>();
        pair.loop.execute(() -> askAgain(pair, 20_000, over));
        assertThatThrownBy(over::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ClientClosedException.class);
    }

    private static void askAgain(Pair pair, int left, CompletableFuture<Void> over) {
        var _ = pair.ask().whenComplete((answer, failure) -> {
            if (left == 0) {
                over.completeExceptionally(failure);
            } else {
                askAgain(pair, left - 1, over);
            }
        });
    }
}
