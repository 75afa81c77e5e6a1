package dev.parley.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The listeners of several loops at one address, and how many connections each has. The kernel wakes whichever loop it
 * likes, often the same one each time: so whoever accepts gives the newcomer to the loop that has the fewest. Any
 * thread.
 */
final class ListenerGroup {
    private final List<LoopListener> members = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();

    void add(LoopListener member) {
        members.add(member);
    }

    void remove(LoopListener member) {
        members.remove(member);
    }

    /** Whether one loop accepts at the address. */
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

    /** Which of them has the fewest connections; where several have, the one that accepted if it is one of them. */
    LoopListener fewest(LoopListener accepting) {
        if (members.size() == 1) {
            return accepting;
        }
        LoopListener fewest = accepting;
        for (LoopListener member : members) {
            if (member.load() < fewest.load()) {
                fewest = member;
            }
        }
        return fewest;
    }
}
