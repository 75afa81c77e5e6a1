package dev.parley.net;

import dev.parley.net.transport.ServerChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/**
 * Decides which of the loops that listen on one address gets a new connection. The kernel may wake any of the loops,
 * and often wakes the same one each time. So the loop that accepts gives the connection to the loop that has the
 * fewest. Any thread may use it.
 *
 * @param <L> the type of the listeners
 */
final class ListenerGroup<L> {
    private final List<L> members = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();

    /** The number of loops whose channels at the address are open, also before and after they are members. */
    private final AtomicInteger parts = new AtomicInteger(1);

    private final Runnable whenAllClosed;

    ListenerGroup(Runnable whenAllClosed) {
        this.whenAllClosed = whenAllClosed;
    }

    /** Called before another loop opens its channels. Returns false if all are closed. */
    boolean mayOpen() {
        return parts.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    /** Closes the channels of a loop. If the others have closed theirs, the address is free now. */
    void closes(List<ServerChannel> channels) {
        channels.forEach(ServerChannel::close);
        if (parts.decrementAndGet() == 0) {
            whenAllClosed.run();
        }
    }

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

    /** Returns the number of open connections of all loops together, to which one common limit applies. */
    AtomicInteger open() {
        return open;
    }

    /**
     * Returns the number of connections that were turned away and are not closed yet. The open connections do not
     * include them.
     */
    AtomicInteger rejected() {
        return rejected;
    }

    /**
     * Returns the member with the fewest connections. If the accepting member is one of several with the fewest, it
     * returns the accepting member.
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
