package dev.parley.nats;

import io.nats.client.impl.NatsServerPool;
import io.nats.client.support.NatsUri;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The broker's servers, none of which is given up. jnats ends a connection for good if a server of one name refuses its
 * user twice, which happens while an operator changes the credentials. So each attempt to connect again has a name of
 * its own. jnats calls it, on the one thread that connects.
 */
final class PersistentServers extends NatsServerPool {
    /** Together with the time for one attempt, this is the longest time until the return of a broker is noticed. */
    private static final long WAIT_NANOS_MAX = Duration.ofSeconds(2).toNanos();

    private static final int ROUNDS_PER_STEP = 10;

    private final Duration wait;
    private final LongConsumer pause;
    private boolean wasConnected;
    private long attempts;
    private @Nullable NatsUri tried;

    /**
     * Makes a pool without servers, which jnats adds.
     *
     * @param wait how long a second and further round of all servers waits at first, and up to as long again; later
     *     ones wait for one to two seconds
     * @param pause waits for that many nanoseconds
     */
    PersistentServers(Duration wait, LongConsumer pause) {
        this.wait = wait;
        this.pause = pause;
    }

    @Override
    public @Nullable NatsUri nextServer() {
        int servers = Math.max(1, getServerList().size());
        NatsUri next = super.nextServer();
        tried = next;
        if (next == null || !wasConnected) {
            return next; // the first connection is given up soon, so that a wrong address is an error
        }
        if (attempts > 0 && attempts % servers == 0) {
            // jnats waits only when a name comes again. It remembers each name that was refused until it is connected.
            long rounds = attempts / servers;
            long nanos = Math.min(WAIT_NANOS_MAX / 2, wait.toNanos() * (1 + rounds / ROUNDS_PER_STEP));
            pause.accept(nanos + ThreadLocalRandom.current().nextLong(nanos));
        }
        attempts++;
        try {
            return new NatsUri(next + "/" + attempts);
        } catch (URISyntaxException impossible) {
            return next;
        }
    }

    @Override
    public void connectSucceeded(NatsUri server) {
        wasConnected = true;
        attempts = 0;
        super.connectSucceeded(tried == null ? server : tried);
    }

    @Override
    public void connectFailed(NatsUri server) {
        super.connectFailed(tried == null ? server : tried);
    }
}
