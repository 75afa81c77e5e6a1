package dev.parley.cluster;

import dev.parley.Message;
import dev.parley.net.text.Durations;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The offers of the servers that share one cluster object, and the choice of one of them for a request. They answer for
 * each other without a broker. Any thread may use it.
 */
public final class LocalOffers {
    private final Map<String, Offered> offered = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    private record Offered(OfferedAction action, List<ClusterBus.NodeHandler> handlers) {}

    /** Makes an instance without offers. */
    public LocalOffers() {}

    /**
     * Adds the offers of a server.
     *
     * @param actions what it offers
     * @param handler handles the requests
     * @return withdraws the offers
     * @throws IOException if another server offers one of the actions with other types
     */
    public synchronized ClusterBus.Offer add(List<OfferedAction> actions, ClusterBus.NodeHandler handler)
            throws IOException {
        for (OfferedAction action : actions) {
            Offered other = offered.get(action.name());
            if (other != null) {
                action.checkSame(other.action());
            }
        }
        for (OfferedAction action : actions) {
            offered.computeIfAbsent(action.name(), name -> new Offered(action, new CopyOnWriteArrayList<>()))
                    .handlers()
                    .add(handler);
        }
        return () -> remove(handler);
    }

    private synchronized void remove(ClusterBus.NodeHandler handler) {
        for (Offered each : List.copyOf(offered.values())) {
            each.handlers().remove(handler);
            if (each.handlers().isEmpty()) {
                offered.remove(each.action().name());
            }
        }
    }

    /** Withdraws all offers. */
    public synchronized void clear() {
        offered.clear();
    }

    /**
     * {@return a handler of a server that offers the action, each in its turn; null if there is none}
     *
     * @param action any text
     */
    public ClusterBus.@Nullable NodeHandler find(String action) {
        Offered found = offered.get(action);
        List<ClusterBus.NodeHandler> able = found == null ? List.of() : new ArrayList<>(found.handlers());
        return able.isEmpty() ? null : able.get(Math.floorMod(next.getAndIncrement(), able.size()));
    }

    /**
     * {@return whether a request for the action is one message with one response}
     *
     * @param action any text
     */
    public boolean isCall(String action) {
        Offered found = offered.get(action);
        return found != null && found.action().kind().equals(OfferedAction.CALL);
    }

    /**
     * Lets a server handle a request of another one.
     *
     * @param handler from {@link #find}
     * @param action the action
     * @param request the request
     * @return as of {@link ClusterBus#request}
     */
    public static CompletableFuture<Message> request(
            ClusterBus.NodeHandler handler, String action, NodeRequest request) {
        var timeout = new ClusterException(ClusterException.Reason.TIMEOUT, "no node has responded in time");
        CompletableFuture<Message> handled = handler.handle(action, request).toCompletableFuture();
        CompletableFuture<Message> response = handled.copy()
                .orTimeout(Durations.nanos(request.patienceOfCall()), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(timeout));
        var _ = response.whenComplete((value, thrown) -> {
            if (response.isCancelled()) {
                handled.cancel(true);
            }
        });
        return response;
    }

    /**
     * Lets a server handle a stream of another one.
     *
     * @param handler from {@link #find}
     * @param action the action
     * @param request the first message
     * @param hasMore whether further messages of the client follow
     * @return as of {@link ClusterBus#open}
     */
    public static NodeStream open(ClusterBus.NodeHandler handler, String action, NodeRequest request, boolean hasMore) {
        NodeStream here = NodeStream.opening();
        NodeStream there = NodeStream.accepted(here::received);
        here.connect(there::received);
        handler.handleStream(action, request, hasMore, there);
        return here;
    }
}
