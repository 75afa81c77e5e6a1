package dev.parley.nats;

import dev.parley.cluster.OfferedAction;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The kinds of the actions of other nodes, as far as they are known. Any thread may use it. */
final class NodeKinds {
    /** The actions that are remembered; further ones are taken for possible streams, which costs a little more. */
    private static final int ACTIONS_MAX = 10_000;

    private final Map<String, Known> kinds = new ConcurrentHashMap<>();
    private final AtomicInteger round = new AtomicInteger();

    /** A kind, and the round of questions in which it was said last. */
    private record Known(String kind, int round) {}

    /** Remembers the actions that a node offers. */
    void learn(Collection<OfferedAction> offered) {
        for (OfferedAction action : offered) {
            if (kinds.size() < ACTIONS_MAX || kinds.containsKey(action.name())) {
                kinds.put(action.name(), new Known(action.kind(), round.get()));
            }
        }
    }

    /** Begins a round of questions. One thread at a time calls this and {@link #forgetOlder}. */
    void beginRound() {
        var _ = round.incrementAndGet();
    }

    /**
     * Forgets the actions that no node has announced since the round began, for example because their nodes ended while
     * the broker was away.
     */
    void forgetOlder() {
        kinds.values().removeIf(known -> known.round() != round.get());
    }

    boolean isCall(String action) {
        Known known = kinds.get(action);
        return known != null && known.kind().equals(OfferedAction.CALL);
    }
}
