package dev.parley.nats;

import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterBusProvider;
import dev.parley.net.LoopObserver;
import java.io.IOException;
import java.net.URI;

/** Makes the bus for addresses {@code nats://…}; found by {@link java.util.ServiceLoader}. */
public final class NatsBusProvider implements ClusterBusProvider {
    /** Makes the provider. */
    public NatsBusProvider() {}

    @Override
    public String scheme() {
        return "nats";
    }

    @Override
    public ClusterBus connect(URI address, LoopObserver observer) throws IOException {
        return NatsBus.connect(NatsAddress.of(address), observer);
    }
}
