package dev.parley;

import dev.parley.client.CallDispatcher;
import dev.parley.client.ClientSettings;
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
 * Collects the settings of a client that lives as long as its program; not for several threads.
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
 * <p>A connection that is lost, or cannot be made, is tried again after a random time, below a bound that grows from
 * 1.6 to 30 s, at the next of the addresses. A server that says that it goes away gets no new calls, and may finish
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
            throw new IllegalArgumentException("a client needs an address at least");
        }
        this.addresses = List.copyOf(addresses);
    }

    /**
     * How many connections share the calls; each begins with another address. By default one, which is enough
     * unless a core is.
     *
     * @param count 1 to {@link #CONNECTIONS_MAX}
     * @return this builder
     * @throws IllegalArgumentException when it is outside that
     */
    public ClientBuilder connections(int count) {
        if (count < 1 || count > CONNECTIONS_MAX) {
            throw new IllegalArgumentException("connections is " + count + "; 1 to " + CONNECTIONS_MAX);
        }
        connections = count;
        return this;
    }

    /**
     * Bounds of messages; by default {@link MessageLimits#DEFAULT}.
     *
     * @param value how long an answer may be, and how many calls are under way at once on a connection
     * @return this builder
     */
    public ClientBuilder limits(MessageLimits value) {
        limits = value;
        return this;
    }

    /**
     * Whether calls wait, up to their deadlines, for a server that cannot be reached now. By default they do not:
     * once an attempt has failed, calls fail with what it saw until another one succeeds.
     *
     * @param value true to wait
     * @return this builder
     */
    public ClientBuilder waitForReady(boolean value) {
        waitForReady = value;
        return this;
    }

    /**
     * Whether a call that was surely not processed ({@code busy}, {@code going-away}), or carries an {@code
     * idempotency-key} and is lost, is sent again: twice at most, within its deadline, and at most one retry for
     * ten calls. By default it is.
     *
     * @param value false to have each failure told
     * @return this builder
     */
    public ClientBuilder retries(boolean value) {
        retries = value;
        return this;
    }

    /**
     * Puts a function around every call; the first filter is the outermost.
     *
     * @param filter runs on the thread that calls
     * @return this builder
     */
    public ClientBuilder filter(Filter filter) {
        filters.add(filter);
        return this;
    }

    /**
     * What draws the times of reconnects and retries; by default the system's generator.
     *
     * @param value used on the client's loop
     * @return this builder
     */
    public ClientBuilder random(RandomGenerator value) {
        random = value;
        return this;
    }

    /**
     * Who is told of each new state.
     *
     * @param value called on the client's loop, so it must not block; what it throws is logged
     * @return this builder
     */
    public ClientBuilder onState(Consumer<ClientState> value) {
        watcher = value;
        return this;
    }

    /**
     * Settings of the client's own loop.
     *
     * @param value made a daemon here, and for a {@code mem:} address given the shared network
     * @return this builder
     */
    public ClientBuilder loop(EventLoop.Builder value) {
        loopSettings = value;
        return this;
    }

    /**
     * A loop of the caller's instead of one of its own; it stays open after {@link Client#close}.
     *
     * @param value its transport must have such addresses
     * @return this builder
     */
    public ClientBuilder loop(EventLoop value) {
        loop = value;
        return this;
    }

    /**
     * Makes the client, and begins to connect; does not wait for that, and does not fail where no server is there
     * yet.
     *
     * @return the client; the caller closes it
     * @throws dev.parley.net.AddressException when nobody can connect to one of the addresses
     * @throws java.util.concurrent.RejectedExecutionException when the caller's loop is closed
     */
    public Client open() {
        CallDispatcher core = core();
        var _ = core.connect();
        return new Client(core, List.copyOf(filters));
    }

    /**
     * Makes the client, and waits until a connection stands. Never on the thread of a loop.
     *
     * @return the client, connected; the caller closes it
     * @throws dev.parley.net.ConnectFailedException when no server can be reached
     * @throws dev.parley.net.AddressException when nobody can connect to one of the addresses
     * @throws java.util.concurrent.RejectedExecutionException when the caller's loop is closed
     * @throws IOException no other but {@link InterruptedIOException}, when the caller was interrupted
     */
    public Client connect() throws IOException {
        return Client.connected(core(), List.copyOf(filters));
    }

    private CallDispatcher core() {
        var settings = new ClientSettings(addresses, connections, limits, waitForReady, retries, random, watcher);
        EventLoop given = loop;
        EventLoop used = given == null ? Client.startLoop(loopSettings, addresses.getFirst()) : given;
        return new CallDispatcher(used, given == null, settings, false);
    }
}
