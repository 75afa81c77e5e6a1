package dev.parley.cluster;

import dev.parley.Message;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The bus inside one process: the servers that share a cluster answer for each other, without a broker. */
public final class ProcessBus implements ClusterBus {
    private final Map<String, List<NodeHandler>> handlers = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    /** Makes a bus without nodes. */
    public ProcessBus() {}

    @Override
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) {
        for (OfferedAction action : actions) {
            handlers.computeIfAbsent(action.name(), name -> new CopyOnWriteArrayList<>())
                    .add(handler);
        }
        return () -> handlers.values().forEach(each -> each.remove(handler));
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        List<NodeHandler> able = List.copyOf(handlers.getOrDefault(action, List.of()));
        if (able.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new ClusterException(ClusterException.Reason.NO_NODE, "no node offers this action"));
        }
        NodeHandler chosen = able.get(Math.floorMod(next.getAndIncrement(), able.size()));
        var timeout = new ClusterException(ClusterException.Reason.TIMEOUT, "no node has responded in time");
        CompletableFuture<Message> handled = chosen.handle(action, request).toCompletableFuture();
        CompletableFuture<Message> response = handled.copy()
                .orTimeout(request.patience().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(timeout));
        var _ = response.whenComplete((value, thrown) -> {
            if (response.isCancelled()) {
                handled.cancel(true);
            }
        });
        return response;
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
