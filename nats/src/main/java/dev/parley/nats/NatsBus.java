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
import dev.parley.nats.OutgoingAccount.Share;
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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The bus of a cluster whose nodes are connected by a NATS broker. Any thread may use it. */
final class NatsBus implements ClusterBus {
    private static final int TOPIC_MESSAGES_MAX = 10_000;
    private static final Duration FLUSH_MAX = Duration.ofMillis(500);
    private static final String INBOXES = "_INBOX.";
    private static final int TOPIC_BYTES_MAX = 16 * 1024 * 1024;

    /** The time for which jnats still keeps a request after we have forgotten it. */
    private static final Duration SWEPT_LATER = Duration.ofSeconds(1);

    private final NatsConnection events;
    private final Connection connection;
    private final Outgoing outgoing;
    private final Subjects subjects;
    private final int replicas;
    private final LoopObserver observer;
    private final LongAdder lostResponses = new LongAdder();
    private final LongAdder unsentValues = new LongAdder();
    private final LongAdder unreadableValues = new LongAdder();

    /** Ends requests that have waited too long. Nothing on it may block. */
    private final Repeater clock;

    private final Repeater beats;

    /** The responses come to an inbox that ends with the connection. */
    private final PendingRequests pending;

    /** The prefix of request names; a number follows, so that names are unique among all nodes. */
    private final String names = UUID.randomUUID() + "-";

    private final AtomicLong requests = new AtomicLong();
    private final MessageWriter writer = new MessageWriter();
    private final MessageReader responses = new MessageReader(Direction.RESPONSE);
    private final NatsStreams streams;
    private final NatsOffers offers;
    private final List<Dispatcher> topics = new CopyOnWriteArrayList<>();

    private NatsBus(NatsAddress address, LoopObserver observer) throws IOException {
        events = new NatsConnection(address, observer);
        subjects = new Subjects(address.cluster());
        replicas = address.replicas();
        this.observer = observer;
        connection = events.open();
        outgoing = new Outgoing(connection, events.account(), events::full);
        clock = new Repeater("parley-nats-clock", observer);
        beats = new Repeater("parley-nats-beats", observer);
        pending = new PendingRequests();
        events.whenDiscarded(this::discarded);
        offers = new NatsOffers(this, connection, outgoing, observer);
        streams = new NatsStreams(this, connection, outgoing, beats);
        try {
            begin().checkVersion();
        } catch (Throwable thrown) {
            endConnection();
            throw thrown;
        }
    }

    /** Listens to other nodes, and returns what they say. */
    private OtherNodes.Said begin() throws IOException {
        try {
            pending.begin(clock);
            streams.begin();
            events.whenLost(this::lost);
            events.whenBack(this::back);
            return offers.begin();
        } catch (IOException | IllegalStateException lostAgain) {
            throw new IOException("the connection to the NATS server was lost at once", lostAgain);
        }
    }

    static NatsBus connect(NatsAddress address, LoopObserver observer) throws IOException {
        return new NatsBus(address, observer);
    }

    private void lost() {
        streams.fail(
                new ClusterException(Reason.LOST, "the connection to the NATS server is lost, and the stream with it"));
        pending.lost();
    }

    /** Called on a thread of jnats, which must not wait. */
    private void back() {
        Thread.ofVirtual().name("parley-nats-back").start(() -> {
            try {
                offers.renew();
            } catch (Throwable thrown) {
                failed("what other nodes offer", thrown);
            }
        });
    }

    Subjects subjects() {
        return subjects;
    }

    /** Returns how many servers should store each durable topic; 0 to leave it to the broker. */
    int replicas() {
        return replicas;
    }

    NatsStreams streams() {
        return streams;
    }

    @Override
    public Offer offer(List<OfferedAction> actions, NodeHandler handler) throws IOException {
        if (actions.isEmpty()) {
            return () -> {}; // a node that only passes on
        }
        return offers.add(actions, handler);
    }

    void withdrawn(NatsOffer offer) {
        offers.withdrawn(offer);
    }

    void ended(NatsOffer offer) {
        offers.ended(offer);
    }

    @Override
    public long droppedRequests() {
        return offers.dropped();
    }

    @Override
    public boolean isCall(String action) {
        return offers.isCall(action);
    }

    @Override
    public CompletionStage<Message> request(String action, NodeRequest request) {
        NodeHandler local = offers.local().find(action);
        if (local != null) {
            return LocalOffers.request(local, action, request);
        }
        String name = names + requests.incrementAndGet();
        try {
            CompletableFuture<io.nats.client.Message> waiting = ask(action, request, RequestHeaders.of(request, name));
            CompletableFuture<Message> result = waiting.handle(this::responseOf);
            var _ = result.whenComplete((response, thrown) -> {
                if (result.isCancelled() && waiting.cancel(false)) { // so that its bytes do not wait for its time limit
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
        Duration patience = request.patienceOfCall();
        Duration swept = Duration.ofNanos(Durations.nanos(patience)).plus(SWEPT_LATER); // jnats' own is 5 s
        String subject = subjects.ofAction(action);
        io.nats.client.Message message = NatsMessage.builder()
                .subject(subject)
                .headers(headers)
                .data(bytes)
                .build();
        return hand(
                PendingRequests.Kind.REQUEST,
                outgoing.sizeOfRequest(subject, headers, bytes),
                bytes,
                patience,
                () -> connection.requestWithTimeout(message, swept));
    }

    /** Lets a task hand over a request, whose future fails if the connection breaks or its time is over. */
    <T> CompletableFuture<T> hand(
            PendingRequests.Kind kind,
            OutgoingSize size,
            byte[] bytes,
            Duration patience,
            Supplier<CompletableFuture<T>> task)
            throws ClusterException {
        return pending.add(kind, bytes, Durations.nanos(patience), () -> outgoing.hand(Share.REQUEST, size, task));
    }

    @Override
    public NodeStream open(String action, NodeRequest request, boolean hasMore) {
        NodeHandler local = offers.local().find(action);
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
            outgoing.publish(Share.RESPONSE, subjects.ofCancels(), name.getBytes(StandardCharsets.US_ASCII));
        } catch (ClusterException notSent) {
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

    @Override
    public void publish(String topic, Message value) throws ClusterException {
        outgoing.publish(Share.REQUEST, subjects.ofTopic(topic), writer.write(value));
    }

    @Override
    public void subscribe(String topic, Consumer<Message> subscriber) throws IOException {
        try {
            Uninterrupted.run(() -> topics.add(subscribed(topic, subscriber)));
        } catch (IllegalStateException closed) {
            throw new IOException("the NATS server takes no subscription: " + closed.getMessage(), closed);
        }
    }

    private Dispatcher subscribed(String topic, Consumer<Message> subscriber) {
        var values = new MessageReader(Direction.REQUEST);
        Dispatcher dispatcher = connection.createDispatcher(received -> {
            Message value = values.read(received.getData(), 0);
            if (value == null) {
                unreadable(topic);
            } else {
                subscriber.accept(value);
            }
        });
        dispatcher.setPendingLimits(TOPIC_MESSAGES_MAX, TOPIC_BYTES_MAX);
        return dispatcher.subscribe(subjects.ofTopic(topic));
    }

    private void unreadable(String topic) {
        unreadableValues.increment();
        events.warnSometimes("something else than a value came to the topic '" + topic + "'");
    }

    @Override
    public long unreadableValues() {
        return unreadableValues.sum();
    }

    @Override
    public long unsentValues() {
        return unsentValues.sum();
    }

    @Override
    public long droppedValues() {
        return topics.stream().mapToLong(Dispatcher::getDroppedCount).sum();
    }

    /** Called when jnats drops a message. This is rare, because the queue of jnats is longer than our own bound. */
    private void discarded(io.nats.client.Message message) {
        String subject = message.getSubject();
        if (subject == null) {
            return; // jnats' own, such as a ping
        }
        if (subjects.isOfTopic(subject)) {
            unsentValues.increment();
        } else if (subjects.isOfCluster(subject)) {
            pending.dropped(message.getData());
        } else if (subject.startsWith(INBOXES)) {
            responseLost();
        }
    }

    @Override
    public DurableLog log(String topic, Duration ageMax, long bytesMax) throws IOException {
        return new NatsLog(this, connection, outgoing, beats, topic, ageMax, bytesMax, observer);
    }

    /** Counts a response that could not be sent to its node. */
    void responseLost() {
        lostResponses.increment();
        events.warnSometimes("responses to other nodes could not be sent, " + lostResponses.sum() + " so far");
    }

    void failed(String what, Throwable why) {
        observer.failed(what, why);
    }

    @Override
    public int messageBytesMax() {
        return outgoing.messageBytesMax();
    }

    @Override
    public boolean isConnected() {
        return outgoing.isConnected();
    }

    @Override
    public void close() {
        events.closing();
        offers.close();
        pending.close();
        endConnection();
    }

    /** Ends the connection also on an interrupted thread: jnats would leave it open, with its threads. */
    private void endConnection() {
        events.closing();
        boolean wasInterrupted = Thread.interrupted();
        try {
            streams.close();
            wasInterrupted |= !flush(); // so that the others hear the ends of the streams
        } finally {
            try {
                connection.close();
            } catch (InterruptedException e) {
                wasInterrupted = true;
            } finally {
                clock.close();
                beats.close();
                if (wasInterrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** Returns false if the thread was interrupted. */
    private boolean flush() {
        try {
            if (isConnected()) {
                connection.flush(FLUSH_MAX);
            }
            return true;
        } catch (TimeoutException | IllegalStateException away) {
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
