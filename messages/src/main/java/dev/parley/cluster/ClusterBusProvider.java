package dev.parley.cluster;

import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.net.URI;

/**
 * Makes the bus for addresses of one kind. A module for a broker declares it as a service ({@link
 * java.util.ServiceLoader}).
 */
public interface ClusterBusProvider {
    /** {@return the scheme of its addresses, such as {@code nats}} */
    String scheme();

    /**
     * Connects to a broker. It waits at most some seconds.
     *
     * @param address the address, whose scheme is this one's
     * @param observer gets the warnings, such as a lost connection
     * @return the bus, which the caller closes
     * @throws IOException if there is no broker at the address, or it refuses us; the message says what to do
     */
    ClusterBus connect(URI address, LoopObserver observer) throws IOException;
}
