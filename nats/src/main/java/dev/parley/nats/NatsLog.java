package dev.parley.nats;

import dev.parley.Message;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterException.Reason;
import dev.parley.cluster.DurableLog;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.ReaderThread;
import dev.parley.frame.Header.Direction;
import dev.parley.net.LoopObserver;
import io.nats.client.Connection;
import io.nats.client.ConsumerContext;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The stored values of a topic, as a stream of JetStream with a durable consumer for each reader. */
final class NatsLog implements DurableLog {
    private static final Duration STORE_MAX = Duration.ofSeconds(5);

    /**
     * The time that one question for a value waits. Meanwhile the thread is not interrupted: jnats would leave the
     * question at the server, which would send the next value to no one, and again only after {@link #HANDLE_MAX}.
     */
    private static final Duration POLL = Duration.ofSeconds(1);

    /** The time after which a value goes to another reader if its reader gives no sign of life. */
    private static final Duration HANDLE_MAX = Duration.ofSeconds(30);

    private static final int NO_STREAM = 10_059;

    /** The longest name that JetStream takes for a stream or a consumer. */
    private static final int NAME_CHARS_MAX = 255;

    /** The time that JetStream looks for duplicates by default. We send none; but it may not be longer than the age. */
    private static final Duration DUPLICATES = Duration.ofMinutes(2);

    private final NatsBus bus;
    private final Connection connection;
    private final Outgoing outgoing;
    private final String topic;
    private final String subject;
    private final String stream;
    private final LoopObserver observer;
    private final JetStream jetStream;
    private final Future<?> progress;

    /** The values that handlers have now. */
    private final Set<io.nats.client.Message> inProgress = ConcurrentHashMap.newKeySet();

    private final MessageWriter writer = new MessageWriter();
    private final MessageReader values = new MessageReader(Direction.REQUEST);

    /**
     * Opens a log, and makes its stream if it is not there.
     *
     * @throws IOException if the server has no JetStream, or refuses the stream
     */
    NatsLog(
            NatsBus bus,
            Connection connection,
            Outgoing outgoing,
            Repeater beats,
            String topic,
            Duration ageMax,
            long bytesMax,
            LoopObserver observer)
            throws IOException {
        this.bus = bus;
        this.connection = connection;
        this.outgoing = outgoing;
        this.topic = topic;
        this.observer = observer;
        subject = bus.subjects().ofStored(topic);
        stream = bus.subjects().storedStream(topic);
        checkLength("topic", topic, stream);
        jetStream = connection.jetStream();
        make(ageMax, bytesMax);
        progress = beats.every(HANDLE_MAX.dividedBy(3).toNanos(), this::sayInProgress);
    }

    private static void checkLength(String what, String name, String inNats) throws IOException {
        if (inNats.length() > NAME_CHARS_MAX) {
            throw new IOException("the name of the " + what + " '" + name + "' is too long for NATS: it becomes '"
                    + inNats + "', with " + inNats.length() + " characters, and " + NAME_CHARS_MAX + " are allowed");
        }
    }

    private void make(Duration ageMax, long bytesMax) throws IOException {
        try {
            JetStreamManagement management = connection.jetStreamManagement();
            StreamConfiguration existing = configuration(management);
            if (existing == null) {
                management.addStream(with(StreamConfiguration.builder(), ageMax, bytesMax));
            } else {
                // The rest of it stays, such as the copies that an operator has asked for.
                management.updateStream(with(StreamConfiguration.builder(existing), ageMax, bytesMax));
            }
        } catch (JetStreamApiException e) {
            throw new IOException("the NATS server does not store the topic '" + topic + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException(
                    "the NATS server does not store the topic '" + topic + "': " + e.getMessage()
                            + "; does it have JetStream (nats-server -js)?",
                    e);
        }
    }

    private StreamConfiguration with(StreamConfiguration.Builder settings, Duration ageMax, long bytesMax) {
        if (bus.replicas() > 0) {
            settings.replicas(bus.replicas());
        }
        return settings.name(stream)
                .subjects(subject)
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.New) // a full topic refuses, and forgets nothing that it has acknowledged
                .maxAge(ageMax)
                .duplicateWindow(ageMax.compareTo(DUPLICATES) < 0 ? ageMax : DUPLICATES)
                .maxBytes(bytesMax)
                .build();
    }

    /** Returns the configuration of the stream; null if it is not there. */
    private @Nullable StreamConfiguration configuration(JetStreamManagement management)
            throws IOException, JetStreamApiException {
        try {
            return management.getStreamInfo(stream).getConfiguration();
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_STREAM) {
                return null;
            }
            throw e;
        }
    }

    private void sayInProgress() {
        for (io.nats.client.Message message : inProgress) {
            try {
                Uninterrupted.run(message::inProgress);
            } catch (IllegalStateException notConnected) {
                return; // the value may come twice
            }
        }
    }

    @Override
    public CompletionStage<Void> append(Message value) {
        byte[] bytes = writer.write(value);
        CompletableFuture<PublishAck> stored;
        try {
            stored = bus.hand(
                    PendingRequests.Kind.APPEND,
                    outgoing.sizeOfRequest(subject, null, bytes),
                    bytes,
                    STORE_MAX,
                    () -> jetStream.publishAsync(subject, bytes));
        } catch (ClusterException e) {
            return CompletableFuture.failedFuture(e);
        }
        // What follows may block, and must not hold up the one thread on which responses come.
        return stored.handleAsync(
                (ack, thrown) -> {
                    if (thrown != null) {
                        throw new CompletionException(failure(thrown));
                    }
                    return null;
                },
                Thread::startVirtualThread);
    }

    private ClusterException failure(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && !(cause instanceof JetStreamApiException)) {
            cause = cause.getCause();
        }
        String refused = "the NATS server does not store a value of '" + topic + "': ";
        return switch (cause) {
            case ClusterException known -> known;
            case JetStreamApiException e -> new ClusterException(Reason.NOT_SENT, refused + e.getMessage());
            // a status instead of an acknowledgement: there is no stream that would take it
            case IOException e -> new ClusterException(Reason.NOT_SENT, refused + e.getMessage());
            default ->
                new ClusterException(
                        Reason.TIMEOUT,
                        "the NATS server has not said that a value of '" + topic + "' is stored; it may be");
        };
    }

    @Override
    public Reading read(String reader, ValueHandler handler) throws IOException {
        ConsumerContext consumer = consumer(reader);
        return ReaderThread.start("the durable topic '" + topic + "'", () -> take(consumer), handler, observer, false);
    }

    private ConsumerContext consumer(String reader) throws IOException {
        String durable = Subjects.withoutDots(reader);
        checkLength("reader", reader, durable);
        try {
            return connection
                    .getStreamContext(stream)
                    .createOrUpdateConsumer(ConsumerConfiguration.builder()
                            .durable(durable)
                            .deliverPolicy(DeliverPolicy.All)
                            .ackPolicy(AckPolicy.Explicit)
                            .ackWait(HANDLE_MAX)
                            .build());
        } catch (JetStreamApiException e) {
            throw new IOException(
                    "the NATS server refuses the reader '" + reader + "' of '" + topic + "': " + e.getMessage(), e);
        }
    }

    private ReaderThread.@Nullable Taken take(ConsumerContext consumer) throws Exception {
        long began = System.nanoTime();
        // Without a connection jnats returns at once, and keeps a subscription each time.
        io.nats.client.Message message = bus.isConnected() ? consumer.next(POLL) : null;
        if (message != null) {
            return new Lent(message);
        }
        LockSupport.parkNanos(POLL.toNanos() - (System.nanoTime() - began)); // it may have returned early
        return null;
    }

    @Override
    public void close() {
        progress.cancel(false);
    }

    /** A value that a reader has. */
    private final class Lent implements ReaderThread.Taken {
        private final io.nats.client.Message message;

        Lent(io.nats.client.Message message) {
            this.message = message;
            inProgress.add(message);
        }

        @Override
        public @Nullable Message value() {
            return values.read(message.getData(), 0);
        }

        @Override
        public void handled() {
            inProgress.remove(message);
            Uninterrupted.run(message::ack);
        }

        @Override
        public void givenBack(Duration after) {
            inProgress.remove(message);
            Uninterrupted.run(() -> {
                if (after.isZero()) {
                    message.nak();
                } else {
                    message.nakWithDelay(after);
                }
            });
        }
    }
}
