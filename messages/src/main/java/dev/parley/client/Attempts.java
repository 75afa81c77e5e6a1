package dev.parley.client;

import dev.parley.net.Address;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Decides which address a connection tries next, and if the client waits before that. If no server can be reached, the
 * client tries each address once before it waits. If a server refuses it, the client waits at once. Runs on the loop's
 * thread.
 */
final class Attempts {
    private final List<Address> addresses;
    private final Backoff backoff;
    private int index;

    /** The number of addresses that could not be reached since the last connection, or since the last wait. */
    private int failed;

    /** The number of connections in a row that were of no use, since their servers went away at once. */
    private int useless;

    /** Makes an object whose first address is the one with this index. */
    Attempts(List<Address> addresses, int first, RandomGenerator random) {
        this.addresses = addresses;
        this.index = first % addresses.size();
        this.backoff = new Backoff(random);
    }

    /** Returns the address of the attempt that is under way, or of the next attempt if there is none. */
    Address address() {
        return addresses.get(index);
    }

    private void next() {
        index = (index + 1) % addresses.size();
    }

    /** Called when the peer of a connection is known. */
    void succeeded() {
        failed = 0;
        if (useless == 0) {
            backoff.succeeded();
        }
    }

    /** Called when an address could not be reached. Returns true if the next address is to be tried at once. */
    boolean failedOnce() {
        countsAsFailed();
        next();
        failed++;
        return failed < addresses.size();
    }

    /** Called when the server was reached, but does not want us or breaks the protocol. */
    void countsAsFailed() {
        backoff.failed();
    }

    /**
     * Called when a server goes away. Returns true if the next address is to be tried at once. If the servers of all
     * addresses go away at once, the client waits, as if it had reached none of them.
     *
     * @param wasOfUse whether the connection has lasted, or the server has answered on it
     */
    boolean wentAway(boolean wasOfUse) {
        if (!wasOfUse) {
            useless++;
            backoff.failed();
        }
        lost(wasOfUse);
        return addresses.size() > Math.max(1, useless);
    }

    /**
     * Called when a connection is lost.
     *
     * @param wasOfUse whether the connection has lasted, or the server has answered on it
     */
    void lost(boolean wasOfUse) {
        if (wasOfUse) {
            useless = 0;
            backoff.succeeded();
        }
        next();
    }

    /** Returns the time to wait before the next attempt. */
    Duration delay() {
        failed = 0;
        return backoff.next();
    }
}
