package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.net.LoopObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The bus inside one process: the servers that share a cluster answer for each other, without a broker. */
public final class ProcessBus implements ClusterBus {
    private final Map<String, List<NodeHandler>> handlers = new ConcurrentHashMap<>();
    private final Map<String, String> kinds = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    private final Map<String, ProcessLog> logs = new ConcurrentHashMap<>();
    private final LoopObserver observer;

    /**
     * Makes a bus without nodes.
     *
     * @param observer gets the failures of readers
     */
    public ProcessBus(LoopObserver observer) {
        this.observer = observer;
    }

    @Override
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) {
        for (OfferedAction action : actions) {
            kinds.put(action.name(), action.kind());
            handlers.computeIfAbsent(action.name(), name -> new CopyOnWriteArrayList<>())
                    .add(handler);
        }
        return () -> handlers.values().forEach(each -> each.remove(handler));
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        NodeHandler chosen = handlerOf(action);
        if (chosen == null) {
            return CompletableFuture.failedFuture(noNode());
        }
        var timeout = new ClusterException(ClusterException.Reason.TIMEOUT, "no node has responded in time");
        CompletableFuture<Message> handled = chosen.handle(action, request).toCompletableFuture();
        CompletableFuture<Message> response = handled.copy()
                .orTimeout(request.patienceOfCall().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(timeout));
        var _ = response.whenComplete((value, thrown) -> {
            if (response.isCancelled()) {
                handled.cancel(true);
            }
        });
        return response;
    }

    private @Nullable NodeHandler handlerOf(String action) {
        List<NodeHandler> able = List.copyOf(handlers.getOrDefault(action, List.of()));
        return able.isEmpty() ? null : able.get(Math.floorMod(next.getAndIncrement(), able.size()));
    }

    private static ClusterException noNode() {
        return new ClusterException(ClusterException.Reason.NO_NODE, "no node offers this action");
    }

    @Override
    public NodeStream open(String action, NodeRequest request, boolean hasMore) {
        NodeStream here = NodeStream.opening();
        NodeHandler chosen = handlerOf(action);
        if (chosen == null) {
            here.fail(noNode());
        } else {
            NodeStream there = NodeStream.accepted(here::received);
            here.connect(there::received);
            chosen.handleStream(action, request, hasMore, there);
        }
        return here;
    }

    @Override
    public boolean isCall(String action) {
        return OfferedAction.CALL.equals(kinds.get(action));
    }

    @Override
    public void publish(String topic, Message value) {
        // There is no other process, and the topic has passed the value to its own subscribers.
    }

    @Override
    public void subscribe(String topic, Consumer<Message> subscriber) {
        // As above: nothing comes from elsewhere.
    }

    @Override
    public DurableLog log(String topic, Duration ageMax, long bytesMax) {
        return logs.computeIfAbsent(topic, name -> new ProcessLog(name, ageMax, bytesMax, observer));
    }

    @Override
    public int messageBytesMax() {
        return Integer.MAX_VALUE;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void close() {
        handlers.clear();
    }
}
