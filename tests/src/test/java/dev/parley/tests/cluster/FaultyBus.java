package dev.parley.tests.cluster;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterBusProvider;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.DurableLog;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.cluster.ProcessBus;
import dev.parley.cluster.StreamPacket;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A bus inside one process that loses and delays what it carries, as its seed says. What it tells its callers is true,
 * as the contract of a bus asks. The time in which silence counts runs a thousand times faster.
 */
final class FaultyBus implements ClusterBus {
    private static final int TICK_MILLIS = 5;

    private final Random random;
    private final ProcessBus calls = new ProcessBus(LoopObserver.logging());
    private final List<NodeHandler> handlers = new CopyOnWriteArrayList<>();
    private final Set<NodeStream> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<ExecutorService> wires = new CopyOnWriteArrayList<>();
    private long ticks;

    private FaultyBus(long seed) {
        random = new Random(seed);
        var _ = clock.scheduleAtFixedRate(this::beat, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Makes a bus for the address {@code faulty://any}. */
    static ClusterBusProvider provider(long seed) {
        return new ClusterBusProvider() {
            @Override
            public String scheme() {
                return "faulty";
            }

            @Override
            public ClusterBus connect(URI address, LoopObserver observer) {
                return new FaultyBus(seed);
            }
        };
    }

    private synchronized int next(int bound) {
        return random.nextInt(bound);
    }

    private void beat() {
        long now = ++ticks * NodeStream.BEAT.toNanos();
        open.forEach(stream -> stream.beat(now));
    }

    @Override
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) throws IOException {
        handlers.add(handler);
        Offer offer = calls.offer(actions, handler);
        return () -> {
            handlers.remove(handler);
            offer.withdraw();
        };
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        return switch (next(12)) {
            case 0 -> failed(Reason.NOT_SENT); // refused here
            case 1 -> silence(request); // lost on the way there
            case 2 -> { // lost on the way back
                var _ = calls.request(action, request);
                yield silence(request);
            }
            case 3 -> { // the connection breaks while the response is waited for
                var _ = calls.request(action, request);
                yield failed(Reason.LOST);
            }
            case 4, 5 -> late(calls.request(action, request));
            default -> calls.request(action, request);
        };
    }

    private static CompletableFuture<Message> failed(Reason reason) {
        return CompletableFuture.failedFuture(new ClusterException(reason, "a fault of the test"));
    }

    private static CompletableFuture<Message> silence(NodeRequest request) {
        long nanos = request.patienceOfCall().toNanos();
        return CompletableFuture.supplyAsync(
                        () -> Reason.TIMEOUT, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS))
                .thenCompose(FaultyBus::failed);
    }

    private CompletableFuture<Message> late(CompletionStage<Message> response) {
        var delayed = CompletableFuture.delayedExecutor(next(30), TimeUnit.MILLISECONDS);
        return response.toCompletableFuture().thenApplyAsync(message -> message, delayed);
    }

    @Override
    public NodeStream open(String action, NodeRequest request, boolean hasMore) {
        NodeStream here = NodeStream.opening();
        if (handlers.isEmpty() || next(20) == 0) {
            here.fail(new ClusterException(Reason.NOT_SENT, "a fault of the test"));
            return here;
        }
        NodeStream there = NodeStream.accepted(wire(here));
        keep(there);
        keep(here);
        here.connect(wire(there));
        handlers.get(next(handlers.size())).handleStream(action, request, hasMore, there);
        return here;
    }

    private void keep(NodeStream stream) {
        open.add(stream);
        var _ = stream.over().thenRun(() -> open.remove(stream));
    }

    /** Returns a way to one end that keeps the order, and loses a packet now and then in one of three streams. */
    private NodeStream.Link wire(NodeStream to) {
        boolean loses = next(3) == 0;
        ExecutorService thread =
                Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
        wires.add(thread);
        return packet -> {
            boolean isLost = loses && next(40) == 0;
            if (!isLost) {
                thread.execute(() -> deliver(to, packet));
            }
        };
    }

    private static void deliver(NodeStream to, StreamPacket packet) {
        to.received(packet);
    }

    @Override
    public boolean isCall(String action) {
        return calls.isCall(action);
    }

    @Override
    public void publish(String topic, Message value) {
        calls.publish(topic, value);
    }

    @Override
    public void subscribe(String topic, Consumer<Message> subscriber) {
        calls.subscribe(topic, subscriber);
    }

    @Override
    public DurableLog log(String topic, Duration ageMax, long bytesMax) throws IOException {
        throw new IOException("this bus stores nothing");
    }

    @Override
    public int messageBytesMax() {
        return calls.messageBytesMax();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void close() {
        clock.shutdownNow();
        calls.close();
        wires.forEach(ExecutorService::shutdownNow);
    }
}
