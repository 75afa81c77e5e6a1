package dev.parley;

import dev.parley.client.ClientSettings;
import dev.parley.client.FullCallDispatcher;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a client that lives as long as its program; not safe for several threads.
 *
 * {@snippet :
 * Client client = Client.of("tcp://localhost:65432", "tcp://localhost:65433")
 *         .connections(2) // one to each
 *         .waitForReady(true) // a call waits for a server that restarts, up to its deadline
 *         .onState(state -> System.out.println("the client is " + state))
 *         .open();
 * client.close();
 * }
 *
 * <p>If a connection is lost or cannot be made, the client connects to the next of the addresses after a random time,
 * below a bound that grows from 1.6 to 30 s. A server that says that it is going away gets no new calls, and may finish
 * those that it has.
 */
public final class ClientBuilder {
    /** The most connections of one client. */
    public static final int CONNECTIONS_MAX = 1_024;

    private final List<Address> addresses;
    private int connections = 1;
    private MessageLimits limits = MessageLimits.DEFAULT;
    private boolean waitForReady;
    private boolean retries = true;
    private RandomGenerator random = RandomGenerator.getDefault();
    private Consumer<ClientState> watcher = state -> {};
    private EventLoop.Builder loopSettings = EventLoop.builder();
    private @Nullable EventLoop loop;
    private final List<Filter> filters = new ArrayList<>();

    ClientBuilder(List<Address> addresses) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a client needs at least one address");
        }
        this.addresses = List.copyOf(addresses);
    }

    /**
     * Sets the number of connections that share the calls; each begins with a different address. The default is one,
     * which is enough unless one core is too little.
     *
     * @param count 1 to {@link #CONNECTIONS_MAX}
     * @return this builder
     * @throws IllegalArgumentException if it is out of that range
     */
    public ClientBuilder connections(int count) {
        if (count < 1 || count > CONNECTIONS_MAX) {
            throw new IllegalArgumentException("connections is " + count + "; it must be from 1 to " + CONNECTIONS_MAX);
        }
        connections = count;
        return this;
    }

    /**
     * Sets the message limits; by default {@link MessageLimits#DEFAULT}.
     *
     * @param value the limits on the length of an answer, and on the number of calls that are under way at once on a
     *     connection
     * @return this builder
     */
    public ClientBuilder limits(MessageLimits value) {
        limits = value;
        return this;
    }

    /**
     * Sets whether calls wait, up to their deadlines, for a server that cannot be reached now. By default they do not:
     * once an attempt to connect has failed, calls fail with its exception until another attempt succeeds.
     *
     * @param value true to wait
     * @return this builder
     */
    public ClientBuilder waitForReady(boolean value) {
        waitForReady = value;
        return this;
    }

    /**
     * Sets whether a call is sent again if it was surely not processed ({@code busy}, {@code going-away}), or if it has
     * an {@code idempotency-key} and was lost. It is sent again at most twice, within its deadline, with at most one
     * retry for ten calls. By default it is.
     *
     * @param value false to have each failure reported at once
     * @return this builder
     */
    public ClientBuilder retries(boolean value) {
        retries = value;
        return this;
    }

    /**
     * Adds a function around every call; the first filter is the outermost.
     *
     * @param filter the filter, which runs on the calling thread
     * @return this builder
     */
    public ClientBuilder filter(Filter filter) {
        filters.add(filter);
        return this;
    }

    /**
     * Sets the source of the random times of reconnects and retries; by default the system's generator.
     *
     * @param value the generator, which is used on the client's loop
     * @return this builder
     */
    public ClientBuilder random(RandomGenerator value) {
        random = value;
        return this;
    }

    /**
     * Sets a function that is called for each new state.
     *
     * @param value called on the client's loop, so it must not block; an exception from it is logged
     * @return this builder
     */
    public ClientBuilder onState(Consumer<ClientState> value) {
        watcher = value;
        return this;
    }

    /**
     * Sets the settings of the client's own loop.
     *
     * @param value the settings, which the client changes to a daemon, and for a {@code mem:} address to the shared
     *     network
     * @return this builder
     */
    public ClientBuilder loop(EventLoop.Builder value) {
        loopSettings = value;
        return this;
    }

    /**
     * Makes the client use the caller's loop instead of one of its own; it stays open after {@link Client#close}.
     *
     * @param value a loop whose transport supports the addresses
     * @return this builder
     */
    public ClientBuilder loop(EventLoop value) {
        loop = value;
        return this;
    }

    /**
     * Makes the client, and begins to connect; does not wait for that, and does not fail if no server is there yet.
     *
     * @return the client, which the caller must close
     * @throws dev.parley.net.AddressException if one of the addresses cannot be connected to
     * @throws java.util.concurrent.RejectedExecutionException if the caller's loop is closed
     */
    public Client open() {
        FullCallDispatcher core = core();
        var _ = core.connect();
        return new Client(core, List.copyOf(filters));
    }

    /**
     * Makes the client, and waits until a connection is established. It must not be called on the thread of a loop.
     *
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if no server can be reached
     * @throws dev.parley.net.AddressException if one of the addresses cannot be connected to
     * @throws java.util.concurrent.RejectedExecutionException if the caller's loop is closed
     * @throws IOException only {@link InterruptedIOException}, if the caller was interrupted
     */
    public Client connect() throws IOException {
        return Client.connected(core(), List.copyOf(filters));
    }

    private FullCallDispatcher core() {
        var settings = new ClientSettings(addresses, connections, limits, waitForReady, retries, random, watcher);
        EventLoop given = loop;
        EventLoop used = given == null ? Client.startLoop(loopSettings, addresses.getFirst()) : given;
        return new FullCallDispatcher(used, given == null, settings);
    }
}
