package dev.parley;

import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterBusProvider;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ProcessBus;
import dev.parley.names.ActionName;
import dev.parley.net.LoopObserver;
import dev.parley.net.time.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Servers that answer for each other. A server that joins a cluster, see {@link ServerBuilder#cluster}, offers its
 * actions to it, and passes on the requests for actions that it does not have itself. A {@link Topic} that is shared
 * reaches the subscribers of every node. Any thread may use it.
 *
 * {@snippet :
 * record Search(String value) {}
 * record Answer(String result) {}
 * Action<Search, Answer> search = Action.of("search", Search.class, Answer.class);
 *
 * try (var cluster = Cluster.inProcess(); // or Cluster.connect("nats://localhost:4222"), and nothing else changes
 *         var worker = Server.builder()
 *                 .cluster(cluster)
 *                 .on(search, question -> new Answer("found"))
 *                 .listen("tcp://localhost:0");
 *         var entrance = Server.builder().cluster(cluster).listen("tcp://localhost:0");
 *         var client = Client.connect(entrance.address())) {
 *     System.out.println(client.call(search, new Search("morpheus")).result());
 * }
 * }
 *
 * <p><b>What it promises.</b> A request reaches one node or none, and is never sent twice by the cluster. It ends by
 * its time limit, with the response, or with an error that says whether it may have been handled. A value of a topic
 * reaches each node once or not at all: nothing is stored, so a node that is away misses it (docs/scaling.md).
 *
 * <p><b>Whom it trusts.</b> The nodes believe each other about the principal of a request. So no other program may be
 * allowed to publish to the cluster's subjects: give the nodes an account of their own at the broker, and use TLS.
 */
public final class Cluster implements AutoCloseable {
    private static final long WARN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

    private final ClusterBus bus;
    private final LoopObserver observer;
    private final AtomicLong mayWarnNanos = new AtomicLong(Ticker.SYSTEM.nanos());
    private final Map<String, Topic<?>> topics = new ConcurrentHashMap<>();
    private final Set<DurableTopic<?>> durables = ConcurrentHashMap.newKeySet();
    private final LongAdder unsent = new LongAdder();
    private final LongAdder unreadable = new LongAdder();
    private boolean isClosed;

    private Cluster(ClusterBus bus, LoopObserver observer) {
        this.bus = bus;
        this.observer = observer;
    }

    /** {@return a new cluster inside this process: the servers that join it are its nodes, and there is no broker} */
    public static Cluster inProcess() {
        LoopObserver observer = LoopObserver.guarded(LoopObserver.logging());
        return new Cluster(new ProcessBus(observer), observer);
    }

    /**
     * {@return a cluster whose nodes are connected by a broker} Nodes with the same broker and the same name are one
     * cluster.
     *
     * @param address the broker and the cluster's name, such as {@code nats://user:password@host:4222/orders}; the name
     *     is {@code default} if the address has none. If the broker has several servers, {@code
     *     nats://host:4222,other:4222/orders} names those to begin with. {@code nats://} needs {@code
     *     dev.parley:parley-nats} on the path
     * @throws IllegalArgumentException if the text is not an address, or no module for its scheme is there
     * @throws IOException if the broker cannot be reached within some seconds, or refuses us; or if a node is there
     *     that speaks another version of what nodes send each other
     */
    public static Cluster connect(String address) throws IOException {
        return connect(address, ServiceLoader.load(ClusterBusProvider.class));
    }

    /**
     * {@return a cluster whose nodes are connected by a broker; see {@link #connect(String)}}
     *
     * @param address the broker and the cluster's name
     * @param providers the modules for brokers to choose from
     * @throws IllegalArgumentException as for {@link #connect(String)}
     * @throws IOException as for {@link #connect(String)}
     */
    public static Cluster connect(String address, Iterable<ClusterBusProvider> providers) throws IOException {
        URI parsed;
        try {
            parsed = new URI(address);
        } catch (URISyntaxException e) {
            throw notAnAddress(address, e);
        }
        LoopObserver observer = LoopObserver.guarded(LoopObserver.logging());
        for (ClusterBusProvider provider : providers) {
            if (provider.scheme().equals(parsed.getScheme())) {
                return new Cluster(provider.connect(parsed, observer), observer);
            }
        }
        String scheme = parsed.getScheme();
        throw new IllegalArgumentException(
                "nats".equals(scheme)
                        ? "clusters over NATS need dev.parley:parley-nats, which is not on the path"
                        : "the address of the cluster is not that of a broker: "
                                + (scheme == null ? "it has no scheme" : "its scheme is " + scheme)
                                + "; write nats://host:port/name-of-the-cluster");
    }

    /** The address may hold a password, and the exception repeats it: so neither is in the message or its cause. */
    private static IllegalArgumentException notAnAddress(String address, URISyntaxException why) {
        String hosts = address.substring(address.lastIndexOf('@') + 1);
        if (hosts.contains("[") && hosts.contains(",")) {
            return new IllegalArgumentException(
                    "the address of the cluster is wrong: in a list of brokers, no host can"
                            + " be an IPv6 address; name that broker, and write nats://one:port,other:port/name-of-the-cluster");
        }
        String scheme = address.startsWith("nats:") ? "nats: " : "";
        String place = why.getIndex() < 0 ? "" : " at character " + (why.getIndex() + 1);
        return new IllegalArgumentException("the address of the cluster is wrong: " + scheme + why.getReason() + place
                + "; write nats://host:port/name-of-the-cluster");
    }

    /**
     * Shares a topic with the other nodes: what is published to it here reaches the subscribers of the topic that each
     * other node shares under the same name, and the other way round. The order of what one node publishes is kept. A
     * snapshot of {@link Topic#startingWith} is that of its own node.
     *
     * @param <T> the type of the values
     * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots
     * @param codec writes and reads the values
     * @param topic the topic, which this node has not shared yet
     * @throws IllegalArgumentException if the name is not valid, or this node shares another topic under it
     * @throws IOException if the broker does not take the subscription
     */
    public <T> void share(String name, Codec<T> codec, Topic<T> topic) throws IOException {
        if (!ActionName.isValid(name)) {
            throw new IllegalArgumentException("a topic's name must be " + ActionName.RULE);
        }
        if (topics.putIfAbsent(name, topic) != null) {
            throw new IllegalArgumentException("this node shares a topic '" + name + "' already");
        }
        try {
            bus.subscribe(name, message -> received(name, codec, topic, message));
        } catch (IOException | RuntimeException e) {
            topics.remove(name);
            throw e;
        }
        topic.relay(value -> publish(name, codec, value));
    }

    private <T> void publish(String name, Codec<T> codec, T value) {
        try {
            bus.publish(name, Codecs.write(codec, value));
        } catch (ClusterException e) {
            unsent.increment();
            warnSometimes("a value of the topic '" + name + "' did not reach the other nodes: " + e.getMessage());
        } catch (Exception e) {
            throw new IllegalArgumentException("the value cannot be written: " + e.getMessage(), e);
        }
    }

    /** Warns at most once in ten seconds, since a broker that is away fails each value. */
    private void warnSometimes(String what) {
        long now = Ticker.SYSTEM.nanos();
        long from = mayWarnNanos.get();
        if (now - from >= 0 && mayWarnNanos.compareAndSet(from, now + WARN_EVERY_NANOS)) {
            observer.warned(what);
        }
    }

    private <T> void received(String name, Codec<T> codec, Topic<T> topic, Message message) {
        T value;
        try {
            value = message.to(codec);
        } catch (RuntimeException e) {
            unreadable.increment();
            warnSometimes("a value of the topic '" + name + "' from another node cannot be read: " + e.getMessage());
            return;
        }
        topic.publishHere(value);
    }

    /**
     * {@return a topic whose values are stored, so that a reader that was away gets them later} It is made if it is not
     * there; with NATS, the age and the size of one that is there become these.
     *
     * @param <T> the type of the values
     * @param name 1 to 8 words of up to 64 letters, digits, '_' and '-', joined by dots; a shared topic of the same
     *     name is another one
     * @param codec writes and reads the values
     * @param ageMax how long a value is kept, at least a second
     * @param bytesMax the bytes of all values, at least 1; a topic that is full refuses further ones
     * @throws IllegalArgumentException if the name is not valid, or a limit is too small
     * @throws IOException if the broker stores nothing: a NATS server must have JetStream ({@code nats-server -js})
     */
    public <T> DurableTopic<T> durable(String name, Codec<T> codec, Duration ageMax, long bytesMax) throws IOException {
        if (!ActionName.isValid(name)) {
            throw new IllegalArgumentException("a topic's name must be " + ActionName.RULE);
        }
        if (ageMax.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("ageMax is " + ageMax + "; it must be at least a second");
        }
        if (bytesMax < 1) {
            throw new IllegalArgumentException("bytesMax is " + bytesMax + "; it must be at least 1");
        }
        var topic = new DurableTopic<T>(name, codec, bus.log(name, ageMax, bytesMax), durables::remove);
        durables.add(topic);
        return topic;
    }

    /**
     * {@return the number of values of shared topics that did not leave this node, since the broker was away or full}
     */
    public long unsentValues() {
        return unsent.sum() + bus.unsentValues();
    }

    /** {@return the number of values of shared topics that came from other nodes and could not be read} */
    public long unreadableValues() {
        return unreadable.sum() + bus.unreadableValues();
    }

    /**
     * {@return the number of values of shared topics that came from other nodes faster than this node took them, and
     * were dropped}
     */
    public long droppedValues() {
        return bus.droppedValues();
    }

    /**
     * {@return the number of requests of other nodes, and of their cancellations, that came faster than this node took
     * them, and were dropped} The caller of a request that is dropped waits until its time limit. Zero inside one
     * process. Any thread may ask; the number is of all servers of this object, also of those that are closed.
     */
    public long droppedRequests() {
        return bus.droppedRequests();
    }

    /** {@return whether the broker is connected now; always true inside one process} */
    public boolean isConnected() {
        return bus.isConnected();
    }

    ClusterBus bus() {
        return bus;
    }

    /**
     * Leaves the cluster, and ends the readings of durable topics. Close the servers first, so that they can answer
     * what they have. A second call waits for the end of the first one.
     */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        durables.forEach(DurableTopic::close);
        bus.close();
    }
}
