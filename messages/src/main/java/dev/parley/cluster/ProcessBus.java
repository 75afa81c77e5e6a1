package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The bus inside one process: the servers that share a cluster answer for each other, without a broker. */
public final class ProcessBus implements ClusterBus {
    private final LocalOffers offers = new LocalOffers();
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
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) throws IOException {
        return offers.add(actions, handler);
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        NodeHandler chosen = offers.find(action);
        return chosen == null ? CompletableFuture.failedFuture(noNode()) : LocalOffers.request(chosen, action, request);
    }

    private static ClusterException noNode() {
        return new ClusterException(ClusterException.Reason.NO_NODE, "no node offers this action");
    }

    @Override
    public NodeStream open(String action, NodeRequest request, boolean hasMore) {
        NodeHandler chosen = offers.find(action);
        if (chosen != null) {
            return LocalOffers.open(chosen, action, request, hasMore);
        }
        NodeStream here = NodeStream.opening();
        here.fail(noNode());
        return here;
    }

    @Override
    public boolean isCall(String action) {
        return offers.isCall(action);
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
        offers.clear();
    }
}
