package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.StreamPacket;
import dev.parley.frame.Header.Direction;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one node with others over NATS. Each end of a stream has a place: the node and a number, from which
 * its subject is made. Any thread may use it.
 */
final class NatsStreams implements AutoCloseable {
    /** The bytes that may wait for the one thread that sorts the packets. The windows of the streams bound them too. */
    private static final int PENDING_BYTES_MAX = 64 * 1024 * 1024;

    private static final int PENDING_MESSAGES_MAX = 1_000_000;
    private static final long RECHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Pattern PLACE = Pattern.compile("[0-9a-f-]{36}\\.[0-9]{1,18}");

    private final NatsBus bus;
    private final Connection connection;
    private final String node = UUID.randomUUID().toString();
    private final AtomicLong numbers = new AtomicLong();
    private final MessageReader requests = new MessageReader(Direction.REQUEST);
    private final MessageReader responses = new MessageReader(Direction.RESPONSE);
    private final MessageWriter writer = new MessageWriter();
    private final Map<Long, Entry> open = new ConcurrentHashMap<>();

    /** A stream, and what reads its messages. */
    private record Entry(NodeStream stream, MessageReader messages) {}

    NatsStreams(NatsBus bus, Connection connection, ScheduledExecutorService clock) {
        this.bus = bus;
        this.connection = connection;
        Dispatcher packets = connection.createDispatcher(this::received);
        packets.setPendingLimits(PENDING_MESSAGES_MAX, PENDING_BYTES_MAX);
        packets.subscribe(bus.subjects().ofStream(node + ".*"));
        long every = NodeStream.BEAT.toNanos();
        var _ = clock.scheduleAtFixedRate(this::beat, every, every, TimeUnit.NANOSECONDS);
    }

    /** Returns true if a text of another node is a place, so that a subject may be made from it. */
    static boolean isPlace(@Nullable String text) {
        return text != null && PLACE.matcher(text).matches();
    }

    /**
     * Lets a stream receive packets until it is over.
     *
     * @return its place, for the other node
     */
    String add(NodeStream stream, Direction direction) {
        Long number = numbers.incrementAndGet();
        open.put(number, new Entry(stream, direction == Direction.REQUEST ? requests : responses));
        var _ = stream.over().thenRun(() -> open.remove(number));
        return node + "." + number;
    }

    private void beat() {
        long now = System.nanoTime();
        open.values().forEach(each -> each.stream().beat(now));
    }

    private void received(io.nats.client.Message message) {
        String subject = message.getSubject();
        Entry entry = open.get(Long.parseLong(subject.substring(subject.lastIndexOf('.') + 1)));
        if (entry == null) {
            return; // it is over on this side
        }
        StreamPacket packet = StreamPacket.read(message.getData(), entry.messages());
        if (packet == null) {
            entry.stream().abort(new ClusterException(Reason.LOST, "a node has sent bytes that belong to no stream"));
        } else {
            entry.stream().received(packet);
        }
    }

    /** Returns what carries packets to a place. */
    NodeStream.Link to(String place) {
        String subject = bus.subjects().ofStream(place);
        return packet -> send(subject, packet);
    }

    private void send(String subject, StreamPacket packet) throws ClusterException, InterruptedIOException {
        byte[] bytes = packet.write(writer);
        bus.checkMaySend(bytes.length);
        if (packet.message() != null) {
            awaitRoom();
        }
        try {
            Uninterrupted.run(() -> connection.publish(subject, bytes));
        } catch (IllegalStateException full) {
            throw new ClusterException(Reason.NOT_SENT, String.valueOf(full.getMessage()));
        }
    }

    /** Waits until the socket has taken enough, since jnats drops what does not fit into its queue. */
    private void awaitRoom() throws InterruptedIOException, ClusterException {
        while (connection.outgoingPendingMessageCount() > NatsConnection.OUTGOING_MAX / 2) {
            LockSupport.parkNanos(RECHECK_NANOS);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while the NATS server takes no more");
            }
            bus.checkMaySend(0);
        }
    }

    /** Ends all streams, since messages of them may be lost. */
    void fail(ClusterException why) {
        open.values().forEach(each -> each.stream().fail(why));
    }

    @Override
    public void close() {
        var left = new ClusterException(Reason.LOST, "a node has left the cluster, and its streams have ended");
        open.values().forEach(each -> each.stream().abort(left));
    }
}
