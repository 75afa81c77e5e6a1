package dev.parley.nats;

import dev.parley.cluster.OfferedAction;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The kinds of the actions of other nodes, as far as they are known. Any thread may use it. */
final class NodeKinds {
    /** The actions that are remembered; further ones are taken for possible streams, which costs a little more. */
    private static final int ACTIONS_MAX = 10_000;

    private final Map<String, String> kinds = new ConcurrentHashMap<>();

    /** Remembers what a node offers. */
    void learn(Collection<OfferedAction> offered) {
        for (OfferedAction action : offered) {
            if (kinds.size() < ACTIONS_MAX || kinds.containsKey(action.name())) {
                kinds.put(action.name(), action.kind());
            }
        }
    }

    boolean isCall(String action) {
        return OfferedAction.CALL.equals(kinds.get(action));
    }
}
