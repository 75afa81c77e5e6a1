package dev.parley.nats;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.DurableLog;
import dev.parley.cluster.LocalOffers;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.cluster.StreamPacket;
import dev.parley.frame.Header.Direction;
import dev.parley.net.LoopObserver;
import dev.parley.net.text.Durations;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStreamStatusException;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The bus of a cluster whose nodes are connected by a NATS broker. Any thread may use it. */
final class NatsBus implements ClusterBus {
    private static final int TOPIC_MESSAGES_MAX = 10_000;
    private static final Duration FLUSH_MAX = Duration.ofMillis(500);
    private static final int TOPIC_BYTES_MAX = 16 * 1024 * 1024;

    /** How much later jnats forgets a request than we do. */
    private static final Duration SWEPT_LATER = Duration.ofSeconds(1);

    private final NatsConnection events;
    private final Connection connection;
    private final Subjects subjects;
    private final LoopObserver observer;
    private final LongAdder lostResponses = new LongAdder();
    private final LongAdder unsentValues = new LongAdder();

    private final ScheduledExecutorService clock;

    /** The responses come to an inbox that ends with the connection. */
    private final PendingRequests pending;

    /** Requests are called by this and a number, so that no two nodes have one of the same name. */
    private final String names = UUID.randomUUID() + "-";

    private final AtomicLong requests = new AtomicLong();
    private final MessageWriter writer = new MessageWriter();
    private final MessageReader responses = new MessageReader(Direction.RESPONSE);
    private final NatsStreams streams;
    private final NodeKinds kinds = new NodeKinds();

    /** The broker does not send us what we send it, so servers on this connection have each other's offers here. */
    private final LocalOffers own = new LocalOffers();

    private final List<Dispatcher> topics = new CopyOnWriteArrayList<>();

    private NatsBus(NatsAddress address, LoopObserver observer) throws IOException {
        events = new NatsConnection(address, observer);
        subjects = new Subjects(address.cluster());
        this.observer = observer;
        connection = events.open();
        clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("parley-nats-clock").factory());
        pending = new PendingRequests(clock);
        streams = new NatsStreams(this, connection, clock);
        events.whenLost(this::lost);
        events.whenDiscarded(this::discarded);
        try {
            connection.createDispatcher(this::heardOffer).subscribe(subjects.ofOffers());
            kinds.learn(new OtherNodes(connection, subjects).actions());
        } catch (IllegalStateException lostAgain) {
            close();
            throw new IOException("the connection to the NATS server was lost at once", lostAgain);
        }
    }

    private void heardOffer(io.nats.client.Message offer) {
        var offered = new ArrayList<OfferedAction>();
        OtherNodes.addActions(offer.getData(), offered);
        kinds.learn(offered);
    }

    static NatsBus connect(NatsAddress address, LoopObserver observer) throws IOException {
        return new NatsBus(address, observer);
    }

    private void lost() {
        streams.fail(
                new ClusterException(Reason.LOST, "the connection to the NATS server is lost, and the stream with it"));
        pending.fail(Reason.LOST, "the connection to the NATS server is lost; the request may have been handled");
    }

    Subjects subjects() {
        return subjects;
    }

    NatsStreams streams() {
        return streams;
    }

    @Override
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) throws IOException {
        if (actions.isEmpty()) {
            return () -> {}; // a node that only passes on
        }
        checkTypes(actions);
        Offer local = own.add(actions, handler);
        try {
            return new NatsOffer(this, connection, actions, handler, local);
        } catch (RuntimeException e) {
            local.withdraw();
            throw e;
        }
    }

    /** Refuses an action that another node offers with other types, since a request could reach either of them. */
    private void checkTypes(List<OfferedAction> actions) throws IOException {
        Map<String, OfferedAction> ours =
                actions.stream().collect(Collectors.toMap(OfferedAction::name, action -> action));
        for (OfferedAction other : new OtherNodes(connection, subjects).actions()) {
            OfferedAction offered = ours.get(other.name());
            if (offered != null) {
                offered.checkSame(other);
            }
        }
    }

    @Override
    public boolean isCall(String action) {
        return own.isCall(action) || kinds.isCall(action);
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        NodeHandler local = own.find(action);
        if (local != null) {
            return LocalOffers.request(local, action, request);
        }
        String name = names + requests.incrementAndGet();
        try {
            CompletableFuture<Message> result =
                    ask(action, request, RequestHeaders.of(request, name)).handle(this::responseOf);
            var _ = result.whenComplete((response, thrown) -> {
                if (result.isCancelled()) {
                    sayCancelled(name);
                }
            });
            return result;
        } catch (ClusterException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Sends a request, and lets its future fail if the connection breaks or the patience ends. */
    private CompletableFuture<io.nats.client.Message> ask(String action, NodeRequest request, Headers headers)
            throws ClusterException {
        byte[] bytes = writer.write(request.message());
        checkMaySend(bytes.length + headers.serializedLength()); // the broker ends the connection if it is too long
        Duration patience = request.patienceOfCall();
        CompletableFuture<io.nats.client.Message> sent;
        try {
            sent = connection.requestWithTimeout(
                    NatsMessage.builder()
                            .subject(subjects.ofAction(action))
                            .headers(headers)
                            .data(bytes)
                            .build(),
                    Duration.ofNanos(Durations.nanos(patience)).plus(SWEPT_LATER)); // jnats' own is 5 s
        } catch (IllegalStateException full) {
            throw new ClusterException(
                    Reason.NOT_SENT, "the request was not sent to another node: " + full.getMessage());
        }
        CompletableFuture<io.nats.client.Message> waiting = pending.add(sent, bytes, Durations.nanos(patience));
        if (!isConnected()) {
            lost(); // it broke before this request was one of those that wait
        }
        return waiting;
    }

    @Override
    public NodeStream open(String action, NodeRequest request, boolean hasMore) {
        NodeHandler local = own.find(action);
        if (local != null) {
            return LocalOffers.open(local, action, request, hasMore);
        }
        NodeStream stream = NodeStream.opening();
        String place = streams.add(stream, Direction.RESPONSE);
        String name = names + requests.incrementAndGet();
        try {
            var _ = ask(action, request, RequestHeaders.ofStream(request, name, place, hasMore))
                    .whenComplete((response, thrown) -> opened(stream, response, thrown));
        } catch (ClusterException e) {
            stream.fail(e);
        }
        return stream;
    }

    private void opened(NodeStream stream, io.nats.client.@Nullable Message response, @Nullable Throwable thrown) {
        if (response == null) {
            stream.fail(failure(thrown));
            return;
        }
        String place = RequestHeaders.place(response.getHeaders());
        Message refusal = place == null ? responses.read(response.getData(), 0) : null;
        if (place != null) {
            stream.connect(streams.to(place));
        } else if (refusal != null) {
            stream.received(StreamPacket.only(refusal));
        } else {
            stream.fail(unreadable());
        }
    }

    private static ClusterException unreadable() {
        return new ClusterException(Reason.BAD_RESPONSE, "a node responded with bytes that are not a message");
    }

    /** Lets the node that has a request know that its response is no longer wanted. It may not hear it. */
    private void sayCancelled(String name) {
        try {
            Uninterrupted.run(() -> connection.publish(subjects.ofCancels(), name.getBytes(StandardCharsets.US_ASCII)));
        } catch (IllegalStateException notConnected) {
            return; // the node's own time limit ends the request
        }
    }

    private Message responseOf(io.nats.client.@Nullable Message response, @Nullable Throwable thrown) {
        if (response == null) {
            throw new CompletionException(failure(thrown));
        }
        Message read = responses.read(response.getData(), 0);
        if (read == null) {
            throw new CompletionException(unreadable());
        }
        return read;
    }

    private static ClusterException failure(@Nullable Throwable thrown) {
        Throwable cause = thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
        return switch (cause) {
            case null -> new ClusterException(Reason.LOST, "a node has sent nothing");
            case ClusterException lost -> lost;
            case JetStreamStatusException _ ->
                new ClusterException(Reason.NO_NODE, "there is no handler for this action, here or on another node");
            default ->
                new ClusterException(Reason.TIMEOUT, "no node responded in time; the request may have been handled");
        };
    }

    /** Throws if nothing of this length can be sent now. */
    void checkMaySend(int bytes) throws ClusterException {
        if (!isConnected()) {
            throw new ClusterException(Reason.NOT_SENT, "the NATS server is away, so nothing was sent");
        }
        int most = messageBytesMax();
        if (bytes > most) {
            throw new ClusterException(
                    Reason.TOO_LARGE, "the message has " + bytes + " bytes; the NATS server carries " + most);
        }
    }

    @Override
    public void publish(String topic, Message value) throws ClusterException {
        byte[] bytes = writer.write(value);
        checkMaySend(bytes.length);
        try {
            Uninterrupted.run(() -> connection.publish(subjects.ofTopic(topic), bytes));
        } catch (IllegalStateException full) {
            throw new ClusterException(Reason.NOT_SENT, String.valueOf(full.getMessage()));
        }
    }

    @Override
    public void subscribe(String topic, Consumer<Message> subscriber) {
        var values = new MessageReader(Direction.REQUEST);
        Dispatcher dispatcher = connection.createDispatcher(received -> {
            Message value = values.read(received.getData(), 0);
            if (value == null) {
                observer.warned("something else than a value came to the topic '" + topic + "'");
            } else {
                subscriber.accept(value);
            }
        });
        dispatcher.setPendingLimits(TOPIC_MESSAGES_MAX, TOPIC_BYTES_MAX);
        dispatcher.subscribe(subjects.ofTopic(topic));
        topics.add(dispatcher);
    }

    @Override
    public long unsentValues() {
        return unsentValues.sum();
    }

    @Override
    public long droppedValues() {
        return topics.stream().mapToLong(Dispatcher::getDroppedCount).sum();
    }

    private void discarded(io.nats.client.Message message) {
        if (subjects.isOfTopic(message.getSubject())) {
            unsentValues.increment();
        }
    }

    @Override
    public DurableLog log(String topic, Duration ageMax, long bytesMax) throws IOException {
        return new NatsLog(this, connection, clock, topic, ageMax, bytesMax, observer);
    }

    void responseLost() {
        lostResponses.increment();
    }

    @Override
    public int messageBytesMax() {
        return (int) Math.min(Integer.MAX_VALUE, connection.getServerInfo().getMaxPayload());
    }

    @Override
    public boolean isConnected() {
        return connection.getStatus() == Connection.Status.CONNECTED;
    }

    private void flush() throws InterruptedException {
        try {
            connection.flush(FLUSH_MAX);
        } catch (TimeoutException | IllegalStateException away) {
            return;
        }
    }

    @Override
    public void close() {
        events.closing();
        own.clear();
        streams.close();
        clock.shutdownNow();
        try {
            flush(); // so that the others hear the ends of the streams
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
