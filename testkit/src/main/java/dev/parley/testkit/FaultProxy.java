package dev.parley.testkit;

import dev.parley.net.Address;
import dev.parley.net.AddressException;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.LoopObserver;
import dev.parley.net.Receiver;
import dev.parley.net.mem.MemNetwork;
import dev.parley.net.time.Ticker;
import dev.parley.net.transport.Transport;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between clients and a server that causes the faults of bad networks: faults of the bytes in each direction
 * (see {@link Toxics}), faults when a certain message passes (see {@link MessageFault}), and faults of connections. All
 * random choices depend on a seed. Bytes without a fault pass unchanged, even if their protocol is unknown. Messages
 * are recognized if they are those of {@code docs/protocol.md} or of the tutorial.
 *
 * {@snippet :
 * try (var listener = loop.listen("tcp://localhost:0", (connection, bytes) -> connection.send(bytes));
 *         var proxy = FaultProxy.to(listener.address()).seed(42).start()) {
 *     proxy.towardsClient().latency(Duration.ofMillis(20), Duration.ofMillis(5));
 *     proxy.onResponse("search", 3).reset();
 *     try (var peer = RawPeer.connect(proxy.address())) {
 *         peer.send("in pieces").shutdownOutput();
 *         System.out.println(peer.receiveToEnd().length); // 9, some 20 ms later
 *     }
 * }
 * }
 *
 * <p>The proxy has a loop of its own without timeouts, so only the tested program can time out. Any thread except that
 * of another loop may call its methods. Methods that change connections return when the change is done. If the server
 * cannot be reached, the connection of a client is reset.
 */
public final class FaultProxy implements AutoCloseable {
    /**
     * The size of a connection's send queue in bytes. It is small, so that a sender soon notices that its receiver
     * takes no more.
     */
    private static final int QUEUED_HIGH = 16 * 1024;

    private static final Limits LIMITS = Limits.DEFAULT
            .withIdleTimeout(Duration.ZERO)
            .withWriteTimeout(Duration.ZERO)
            .withQueuedBytes(QUEUED_HIGH, Limits.DEFAULT.queuedBytesMax());

    private final EventLoop loop;
    private final long seed;
    private final int bufferBytes;
    private final SplittableRandom random;
    private final Toxics towardsClient = new Toxics(this::pump, () -> onEach(ProxyLink::endTowardsClient));
    private final Toxics towardsServer = new Toxics(this::pump, () -> onEach(ProxyLink::endTowardsServer));
    private final List<MessageFault> onRequests = new CopyOnWriteArrayList<>();
    private final List<MessageFault> onResponses = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable LoopListener> listener = new AtomicReference<>();
    private final AtomicInteger open = new AtomicInteger();

    /** The open connections. Used only on the loop's thread. */
    private final Set<ProxyLink> links = new LinkedHashSet<>();

    private final Address address;
    private volatile Address server;

    private FaultProxy(Builder builder) throws BindFailedException {
        server = builder.server;
        seed = builder.seed;
        bufferBytes = builder.bufferBytes;
        random = new SplittableRandom(seed);
        loop = builder.startLoop();
        try {
            LoopListener first = loop.listen(withoutTls(builder.listen), new Newcomers());
            listener.set(first);
            address = builder.listen instanceof Address.Tls tls
                    ? new Address.Tls(tls.host(), ((Address.Tcp) first.address()).port())
                    : first.address();
        } catch (BindFailedException | RuntimeException e) {
            loop.close();
            throw e;
        }
    }

    /**
     * Starts a proxy with default settings; see {@link #to}.
     *
     * @param server the server to which connections are forwarded; it need not listen yet
     * @return the proxy, which the caller must close
     * @throws BindFailedException if its own address cannot be bound
     */
    public static FaultProxy start(Address server) throws BindFailedException {
        return to(server).start();
    }

    /**
     * {@return a builder for a proxy; each setting has a default}
     *
     * @param server the server to which connections are forwarded; it need not listen yet
     */
    public static Builder to(Address server) {
        return new Builder(server);
    }

    /** {@return the address to which clients connect; it stays the same even if the server changes} */
    public Address address() {
        return address;
    }

    /** {@return the seed of all random choices} The seed is also in {@link #toString}, for the messages of a test. */
    public long seed() {
        return seed;
    }

    /** {@return the toxics for the bytes that come from the server} */
    public Toxics towardsClient() {
        return towardsClient;
    }

    /** {@return the toxics for the bytes that come from clients} */
    public Toxics towardsServer() {
        return towardsServer;
    }

    // Messages.

    /**
     * Chooses the nth request for an action. The action of a request is in its header; if not, in its content. An
     * upload or a client's stream counts as one request, at its first message.
     *
     * @param action the name of the action, as the client sends it
     * @param nth the number of the message, from 1 on
     * @return a fault, whose methods choose what happens to the message
     * @throws IllegalArgumentException if nth is below 1
     */
    public MessageFault onRequest(String action, int nth) {
        return new MessageFault(onRequests::add, Objects.requireNonNull(action), atLeastOne(nth));
    }

    /**
     * Chooses the nth request.
     *
     * @param nth the number of the message, from 1 on
     * @return a fault, whose methods choose what happens to the message
     * @throws IllegalArgumentException if nth is below 1
     */
    public MessageFault onRequest(int nth) {
        return new MessageFault(onRequests::add, null, atLeastOne(nth));
    }

    /**
     * Chooses every request for an action.
     *
     * @param action the name of the action, as the client sends it
     * @return a fault, whose methods choose what happens to the message
     */
    public MessageFault onEachRequest(String action) {
        return new MessageFault(onRequests::add, Objects.requireNonNull(action), 0);
    }

    /**
     * Chooses the nth response to an action. The request of a response is found by its id or, if it has none, by the
     * order of the requests. Each message of a server's stream counts as a response.
     *
     * @param action the action of the request
     * @param nth the number of the message, from 1 on
     * @return a fault, whose methods choose what happens to the message
     * @throws IllegalArgumentException if nth is below 1
     */
    public MessageFault onResponse(String action, int nth) {
        return new MessageFault(onResponses::add, Objects.requireNonNull(action), atLeastOne(nth));
    }

    /**
     * Chooses the nth response.
     *
     * @param nth the number of the message, from 1 on
     * @return a fault, whose methods choose what happens to the message
     * @throws IllegalArgumentException if nth is below 1
     */
    public MessageFault onResponse(int nth) {
        return new MessageFault(onResponses::add, null, atLeastOne(nth));
    }

    /**
     * Chooses every response to an action.
     *
     * @param action the action of the request
     * @return a fault, whose methods choose what happens to the message
     */
    public MessageFault onEachResponse(String action) {
        return new MessageFault(onResponses::add, Objects.requireNonNull(action), 0);
    }

    private static int atLeastOne(int nth) {
        if (nth < 1) {
            throw new IllegalArgumentException("the message number " + nth + "; from 1 on");
        }
        return nth;
    }

    /** Removes all message faults. */
    public void clearMessages() {
        onRequests.clear();
        onResponses.clear();
    }

    // Connections.

    /** {@return the number of clients whose connections are open, or not completely closed yet} */
    public int openConnections() {
        return open.get();
    }

    /** Resets every connection, on both sides (SO_LINGER with 0 in socket(7)). New connections are still accepted. */
    public void resetConnections() {
        onLoop(() -> List.copyOf(links).forEach(ProxyLink::reset));
    }

    /** Refuses new connections from now on. Open connections stay open. */
    public void refuse() {
        LoopListener now = listener.getAndSet(null);
        if (now != null) {
            now.close();
        }
    }

    /**
     * Behaves like a server that was killed: resets all connections and refuses new ones. If this method is called on
     * the proxy's own thread, for example by {@link MessageFault#run}, this takes effect a turn later.
     */
    public void down() {
        refuse();
        resetConnections();
    }

    /**
     * Accepts connections again after {@link #refuse} or {@link #down}, at the same address.
     *
     * @throws BindFailedException if another program has bound the address since then
     */
    public void up() throws BindFailedException {
        if (listener.get() == null) {
            // If a listener was closed on the loop's own thread, its address is free a turn later, so wait for two
            // turns.
            onLoop(() -> {});
            onLoop(() -> {});
            listener.set(loop.listen(withoutTls(address), new Newcomers()));
        }
    }

    /**
     * Forwards new connections to another server, such as a server that was restarted. Open connections are not
     * changed.
     *
     * @param next an address of a kind that this proxy's transport can connect to
     */
    public void server(Address next) {
        server = Objects.requireNonNull(next);
    }

    /** Closes the proxy with all its connections. A second call has no effect. */
    @Override
    public void close() {
        loop.close();
    }

    @Override
    public String toString() {
        return "proxy " + address + " -> " + server + ", seed " + seed;
    }

    /** Returns the address at which the proxy moves bytes: it passes on TLS, and does not take part in it. */
    private static Address withoutTls(Address address) {
        return address instanceof Address.Tls tls ? new Address.Tcp(tls.host(), tls.port()) : address;
    }

    private void pump() {
        onEach(ProxyLink::pump);
    }

    private void onEach(Consumer<ProxyLink> what) {
        var _ = loop.tryExecute(() -> new ArrayList<>(links).forEach(what));
    }

    private void onLoop(Runnable task) {
        if (loop.isCurrent()) {
            task.run();
            return;
        }
        EventLoop.checkMayBlock("a change of the proxy's connections", "let the test's own thread do that");
        var done = new CountDownLatch(1);
        boolean runs = loop.tryExecute(() -> {
            task.run();
            done.countDown();
        });
        boolean interrupted = false;
        while (runs && done.getCount() > 0) {
            try {
                done.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The first receiver of each accepted connection. It creates a link, which becomes the next receiver. */
    private final class Newcomers implements Receiver {
        @Override
        public void opened(LoopConnection connection) {
            var faults = new ProxyLink.Faults(
                    towardsClient, towardsServer, onRequests, onResponses, random.split(), bufferBytes);
            links.add(new ProxyLink(connection, withoutTls(server), faults, this::over));
            open.incrementAndGet();
        }

        private void over(ProxyLink link) {
            links.remove(link);
            open.decrementAndGet();
        }

        @Override
        public void bytes(LoopConnection connection, ByteBuffer bytes) {
            throw new IllegalStateException("bytes of a connection without a link");
        }
    }

    /** Collects the settings of a proxy. Not safe for several threads. */
    public static final class Builder {
        private static final int BUFFER_BYTES = 256 * 1024;

        private final Address server;
        private Address listen;
        private long seed;
        private boolean seeded;
        private Ticker ticker = Ticker.SYSTEM;
        private LoopObserver observer = LoopObserver.logging();
        private @Nullable Transport transport;
        private int bufferBytes = BUFFER_BYTES;

        private Builder(Address server) {
            this.server = server;
            listen = switch (server) {
                case Address.Tcp _ -> Address.parse("tcp://localhost:0");
                case Address.Tls _ -> Address.parse("tls://localhost:0");
                case Address.Unix unix -> new Address.Unix(Path.of(unix.path() + ".proxy"));
                case Address.Mem _ -> Address.parse("mem:");
            };
        }

        /**
         * Sets the address to which clients connect. The default depends on the server's address: for TCP a free port
         * of localhost, for a Unix socket the server's path with {@code .proxy} appended, and inside the process a free
         * name.
         *
         * @param address a TCP or Unix address if the server has one of these; an address inside the process if the
         *     server has such an address
         * @return this builder
         */
        public Builder listen(Address address) {
            listen = Objects.requireNonNull(address);
            return this;
        }

        /**
         * Sets the seed of all random choices. By default, each proxy has another seed, which is logged.
         *
         * @param value any number
         * @return this builder
         */
        public Builder seed(long value) {
            seed = value;
            seeded = true;
            return this;
        }

        /**
         * Sets the clock by which latencies and limits are measured. The default is the system's clock. With a {@link
         * ManualTicker}, they take no real time, and last until the test moves the ticker.
         *
         * @param value never null
         * @return this builder
         */
        public Builder ticker(Ticker value) {
            ticker = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the observer of the proxy's own connections, such as a {@link Census}. The default is {@link
         * LoopObserver#logging()}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder observer(LoopObserver value) {
            observer = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the transport, for both sides. The default is that of {@link EventLoop.Builder#transport}; if the
         * server's address is inside the process, it is {@link MemNetwork#shared}.
         *
         * @param value never null
         * @return this builder
         */
        public Builder transport(Transport value) {
            transport = Objects.requireNonNull(value);
            return this;
        }

        /**
         * Sets the number of bytes that may be on their way through the proxy in each direction of a connection. If
         * there are this many, the proxy stops reading from the sender. So a latency also limits the throughput, like
         * the window of TCP. The default is 256 KiB. If there are faults for messages, the bytes of a message are held
         * in addition, up to 1 MiB, until it is known which message it is.
         *
         * @param bytes at least 1
         * @return this builder
         * @throws IllegalArgumentException if the number is below 1
         */
        public Builder bufferBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("a buffer of " + bytes + " bytes; it must be at least 1");
            }
            bufferBytes = bytes;
            return this;
        }

        private EventLoop startLoop() {
            var settings = EventLoop.builder().ticker(ticker).observer(observer).limits(LIMITS);
            if (transport != null) {
                settings.transport(transport);
            } else if (server instanceof Address.Mem) {
                settings.transport(MemNetwork.shared());
            }
            return settings.start();
        }

        /**
         * Starts the proxy.
         *
         * @return the proxy, which the caller must close
         * @throws BindFailedException if its own address cannot be bound
         * @throws AddressException if the transport does not support the address
         */
        public FaultProxy start() throws BindFailedException {
            if (!seeded) {
                seed = new SplittableRandom().nextLong();
            }
            var proxy = new FaultProxy(this);
            if (!seeded) {
                System.getLogger("dev.parley").log(System.Logger.Level.INFO, "{0}", proxy);
            }
            return proxy;
        }
    }
}
