package dev.parley.nats;

import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.StreamPacket;
import dev.parley.frame.Header.Direction;
import dev.parley.nats.OutgoingAccount.Share;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final Pattern PLACE = Pattern.compile("[0-9a-f-]{36}\\.[0-9]{1,18}");

    private final NatsBus bus;
    private final Connection connection;
    private final Outgoing outgoing;
    private final Repeater beats;
    private final String node = UUID.randomUUID().toString();
    private final AtomicLong numbers = new AtomicLong();
    private final MessageReader requests = new MessageReader(Direction.REQUEST);
    private final MessageReader responses = new MessageReader(Direction.RESPONSE);
    private final MessageWriter writer = new MessageWriter();
    private final Map<Long, Entry> open = new ConcurrentHashMap<>();

    /** A stream, and the reader of its messages. */
    private record Entry(NodeStream stream, MessageReader messages) {}

    NatsStreams(NatsBus bus, Connection connection, Outgoing outgoing, Repeater beats) {
        this.bus = bus;
        this.connection = connection;
        this.outgoing = outgoing;
        this.beats = beats;
    }

    /** Begins to receive packets. */
    void begin() {
        Dispatcher packets = connection.createDispatcher(this::received);
        packets.setPendingLimits(PENDING_MESSAGES_MAX, PENDING_BYTES_MAX);
        Uninterrupted.run(() -> packets.subscribe(bus.subjects().ofStream(node + ".*")));
        var _ = beats.every(NodeStream.BEAT.toNanos(), this::beat);
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
        for (Entry each : open.values()) {
            try {
                each.stream().beat(now);
            } catch (Throwable thrown) {
                bus.failed("a sign of life of a stream", thrown); // the others must still give theirs
            }
        }
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
        if (packet.message() != null) {
            outgoing.awaitRoom();
        }
        outgoing.publish(Share.RESPONSE, subject, bytes);
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
