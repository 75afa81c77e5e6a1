package dev.parley.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * The listeners of several loops at one address, and how many connections each has. The kernel wakes whichever loop it
 * likes, often the same one each time: so the loop that accepts gives the connection to the loop that has the fewest.
 * Any thread.
 *
 * @param <L> the listeners
 */
final class ListenerGroup<L> {
    private final List<L> members = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();

    void add(L member) {
        members.add(member);
    }

    void remove(L member) {
        members.remove(member);
    }

    /** Returns true if only one loop accepts at the address. */
    boolean isAlone() {
        return members.size() == 1;
    }

    /** The connections of all of them; the limit is one for all. */
    AtomicInteger open() {
        return open;
    }

    /** The connections that were turned away and are not closed yet; they are not among the open ones. */
    AtomicInteger rejected() {
        return rejected;
    }

    /**
     * Returns the member with the fewest connections; if several have as few, the one that accepted if it is among
     * them.
     */
    L fewest(L accepting, ToIntFunction<L> load) {
        if (members.size() == 1) {
            return accepting;
        }
        L fewest = accepting;
        for (L member : members) {
            if (load.applyAsInt(member) < load.applyAsInt(fewest)) {
                fewest = member;
            }
        }
        return fewest;
    }
}
