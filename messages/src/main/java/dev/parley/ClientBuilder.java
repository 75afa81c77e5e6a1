package dev.parley;

import dev.parley.client.CallDispatcher;
import dev.parley.client.ClientLoops;
import dev.parley.client.ClientSettings;
import dev.parley.client.FullCallDispatcher;
import dev.parley.client.PlainCallDispatcher;
import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.tls.Tls;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a client that lives as long as its program: its addresses, connections, retries and filters.
 * The limits on lengths, calls and pings are in {@link MessageLimits}. Not safe for several threads.
 *
 * {@snippet :
 * Client client = Client.builder("tcp://localhost:65432", "tcp://localhost:65433")
 *         .connections(2) // one to each
 *         .waitForReady(true) // a call waits for a server that restarts, up to its deadline
 *         .onState(change -> System.out.println("the client is " + change.state()))
 *         .start();
 * client.close();
 * }
 *
 * <p>If a connection is lost or cannot be made, the client connects to the next of the addresses after a random time.
 * It is below 1.6 s at first, and below 30 s after repeated failures. If a server ends a connection that is less than a
 * second old, the next call connects at once. If a server says that it is going away, the client sends it no new calls;
 * the server may finish the calls that it has. If there is another address, the client connects to it at once, except
 * if the servers of all addresses go away as soon as it has connected.
 */
public final class ClientBuilder {
    /** The maximum number of connections of one client. */
    public static final int CONNECTIONS_MAX = 1_024;

    private final List<Address> addresses;
    private int connections = 1;
    private MessageLimits limits = MessageLimits.DEFAULT;
    private boolean waitForReady;
    private @Nullable Tls tls;
    private boolean retries = true;
    private RandomGenerator random = RandomGenerator.getDefault();
    private Consumer<ClientState.Change> watcher = change -> {};
    private CallOptions options = CallOptions.DEFAULT;
    private Supplier<@Nullable String> credentials = () -> null;
    private boolean plain;
    private EventLoop.@Nullable Builder loopSettings;
    private @Nullable EventLoop loop;
    private final List<CallFilter> filters = new ArrayList<>();

    ClientBuilder(List<Address> addresses) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a client needs at least one address");
        }
        this.addresses = List.copyOf(addresses);
    }

    /**
     * Sets the number of connections that share the calls; each begins with a different address. The default is 1. More
     * connections help only if one core of the server is too slow for all calls.
     *
     * @param count 1 to {@link #CONNECTIONS_MAX}
     * @return this builder
     * @throws IllegalArgumentException if the count is out of that range
     */
    public ClientBuilder connections(int count) {
        if (count < 1 || count > CONNECTIONS_MAX) {
            throw new IllegalArgumentException("connections is " + count + "; it must be from 1 to " + CONNECTIONS_MAX);
        }
        connections = count;
        return this;
    }

    /**
     * Sets the message limits. The default is {@link MessageLimits#DEFAULT}.
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
     * Sets whether calls wait, up to their deadlines, for a server that cannot be reached now. By default they do not
     * wait: once an attempt to connect has failed, calls fail with the exception of that attempt, until another attempt
     * succeeds.
     *
     * @param value true to wait
     * @return this builder
     */
    public ClientBuilder waitForReady(boolean value) {
        waitForReady = value;
        return this;
    }

    /**
     * Sets whether a call is sent again if the server certainly did not process it ({@code busy}, {@code going-away}),
     * or if it has an {@code idempotency-key} and its connection was lost. A call is sent again at most twice, and only
     * within its deadline. If no server can be reached then, a call with a deadline waits for one; a call without a
     * deadline waits only if {@link #waitForReady} is set. In the long run, at most one call in ten is sent again, not
     * counting requests that the server never read. By default calls are sent again.
     *
     * @param value false to throw each failure at once
     * @return this builder
     */
    public ClientBuilder retries(boolean value) {
        retries = value;
        return this;
    }

    /**
     * Sets the options of all calls. The options of a call override them. A time limit of these does not apply to
     * streams. The default is {@link CallOptions#DEFAULT}.
     *
     * @param value the options, such as a time limit other than {@link Client#DEFAULT_TIMEOUT}
     * @return this builder
     */
    public ClientBuilder options(CallOptions value) {
        options = value;
        return this;
    }

    /**
     * Sets the credentials that the client sends with every request, stream, upload and one-way request, in the key
     * {@code authorization}. So they are sent again after each reconnect. A call that sets the key itself sends its own
     * value.
     *
     * <p>A connection as such has no credentials: {@link #connect} succeeds without them, and with wrong ones. A server
     * with an {@link Authorizer} ends a connection on which no request was accepted within its {@link
     * MessageLimits#headerTimeout}; the client connects again at its next call.
     *
     * @param value returns the credentials, such as {@code Bearer …}, or null for none; it is called for each call, on
     *     the calling thread, and may return another value when the credentials have been renewed
     * @return this builder
     */
    public ClientBuilder authorization(Supplier<@Nullable String> value) {
        credentials = value;
        return this;
    }

    /**
     * Sets whether the client communicates exactly as the tutorial's does: each request is sent on a connection of its
     * own, without an id, and its content is a JSON object that names the action. A plain client connects at each call,
     * to the first address; it has no streams and no one-way requests. By default, the client finds out if its server
     * is one of the tutorial, and adapts to it.
     *
     * @param value true for a plain client
     * @return this builder
     */
    public ClientBuilder plain(boolean value) {
        plain = value;
        return this;
    }

    /**
     * Adds a filter, a function around every call. The filter that was added first is the outermost.
     *
     * @param filter the filter, which runs on the calling thread
     * @return this builder
     */
    public ClientBuilder filter(CallFilter filter) {
        filters.add(filter);
        return this;
    }

    /**
     * Sets the source of the random times before reconnects and retries. The default is the system's generator.
     *
     * @param value the generator, which is used on the client's loop
     * @return this builder
     */
    public ClientBuilder random(RandomGenerator value) {
        random = value;
        return this;
    }

    /**
     * Sets a function that is called each time the state of the client changes: with the new state, the address, and
     * the reason, such as why the connection was lost, and how long the client waits before it connects again.
     *
     * @param value a function that gets the change; it is called on the client's loop, so it must not block; if it
     *     throws an exception, the exception is logged
     * @return this builder
     */
    public ClientBuilder onState(Consumer<ClientState.Change> value) {
        watcher = value;
        return this;
    }

    /**
     * Gives the client a loop of its own, with these settings, instead of the loop that the clients of a process share.
     * The loop ends with the client.
     *
     * @param value the loop's settings, which are copied now; the loop's thread is a daemon
     * @return this builder
     */
    public ClientBuilder loop(EventLoop.Builder value) {
        loopSettings = value.copy();
        loop = null;
        return this;
    }

    /**
     * Makes the client use the caller's loop instead of the loop that the clients of a process share. The caller's loop
     * stays open after {@link Client#close}.
     *
     * @param value a loop whose transport supports the addresses
     * @return this builder
     */
    public ClientBuilder loop(EventLoop value) {
        loop = value;
        loopSettings = null;
        return this;
    }

    /**
     * Sets the settings of TLS for {@code tls://} addresses: which servers the client accepts, and the certificate that
     * it shows. By default, these are the settings of the loop, and with the loop that clients share, the client
     * accepts the servers that the JDK accepts.
     *
     * @param value the settings
     * @return this builder
     */
    public ClientBuilder tls(Tls value) {
        tls = value;
        return this;
    }

    /**
     * Makes the client, and begins to connect. This method does not wait for the connection, and does not fail if no
     * server listens yet.
     *
     * @return the client, which the caller must close
     * @throws AddressException if one of the addresses cannot be connected to
     * @throws java.util.concurrent.RejectedExecutionException if the caller's loop is closed
     * @throws java.io.UncheckedIOException if a loop has to be started for it, and the system gives the loop no
     *     selector
     * @throws IllegalArgumentException if settings contradict each other: a plain client has one address, one
     *     connection, and waits for no server
     */
    public Client start() {
        CallDispatcher core = core();
        if (core instanceof FullCallDispatcher full) {
            var _ = full.connect();
        }
        return new Client(core, options, credentials);
    }

    /**
     * Makes the client, and waits until a connection is established. If {@link #waitForReady} is set, it waits for a
     * server that cannot be reached yet, for at most {@link Client#DEFAULT_TIMEOUT}. Do not call this method on the
     * thread of a loop. A plain client does not connect here, but at each call.
     *
     * @return the connected client, which the caller must close
     * @throws dev.parley.net.ConnectFailedException if no server can be reached
     * @throws AddressException if one of the addresses cannot be connected to
     * @throws java.util.concurrent.RejectedExecutionException if the caller's loop is closed
     * @throws IllegalArgumentException as for {@link #start}
     * @throws java.io.UncheckedIOException as for {@link #start}
     * @throws RefusedException if the server accepts the connection and refuses to serve it, such as with {@code busy}
     * @throws ConnectionLostException if the server ends the connection, or is silent, before it has said who it is
     * @throws TimedOutException if a client that waits for its server is not connected in time
     * @throws ClientClosedException if the client or its loop is closed meanwhile
     * @throws InterruptedIOException if the caller was interrupted
     * @throws IOException only as one of the exceptions above
     */
    public Client connect() throws IOException {
        EventLoop.checkMayBlock("a blocking connect", "connect before, or on a virtual thread");
        CallDispatcher core = core();
        try {
            if (core instanceof FullCallDispatcher full) {
                var _ = Client.get(
                        waitForReady ? full.connectWithin(Client.DEFAULT_TIMEOUT) : full.connect(), core.address());
            }
            return new Client(core, options, credentials);
        } catch (IOException | RuntimeException e) {
            core.close(); // otherwise the core would try to connect forever
            throw e;
        }
    }

    private CallDispatcher core() {
        var settings = new ClientSettings(
                addresses, connections, limits, waitForReady, retries, random, watcher, List.copyOf(filters), tls);
        if (plain && (addresses.size() > 1 || connections > 1 || waitForReady)) {
            throw new IllegalArgumentException(
                    "a plain client connects for each call: it has one address and connection, and waits for no server");
        }
        EventLoop given = loop;
        EventLoop used = given;
        Runnable atClose = () -> {};
        if (used == null) {
            EventLoop own = loopSettings == null ? ClientLoops.acquire(addresses.getFirst()) : ownLoop(loopSettings);
            atClose = loopSettings == null ? () -> ClientLoops.release(own) : own::close;
            used = own;
        }
        try {
            addresses.forEach(used::checkMayConnect);
        } catch (AddressException e) {
            atClose.run();
            throw e;
        }
        return plain
                ? new PlainCallDispatcher(used, settings, atClose)
                : new FullCallDispatcher(used, settings, atClose);
    }

    private EventLoop ownLoop(EventLoop.Builder given) {
        EventLoop.Builder copy = given.copy().daemon(true);
        return (addresses.getFirst() instanceof Address.Mem ? copy.transport(MemNetwork.shared()) : copy).start();
    }
}
