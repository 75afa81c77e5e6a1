package dev.parley.nats;

import dev.parley.Message;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterMessages;
import dev.parley.cluster.MessageReader;
import dev.parley.cluster.MessageWriter;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header.Direction;
import dev.parley.nats.OutgoingAccount.Share;
import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.impl.Headers;
import io.nats.service.Service;
import io.nats.service.ServiceBuilder;
import io.nats.service.ServiceEndpoint;
import io.nats.service.ServiceMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Offers the actions of a node as a NATS service, with an endpoint for each action. jnats calls it on its own threads.
 */
final class NatsOffer implements ClusterBus.Offer {
    private static final int PENDING_MESSAGES_MAX = 10_000;
    private static final int PENDING_BYTES_MAX = 16 * 1024 * 1024;

    /** The requests of other nodes that are handled at once; more are refused as not handled. */
    private static final int IN_FLIGHT_MAX = 10_000;

    private static final String QUEUE_GROUP = "parley";
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final NatsBus bus;
    private final Connection connection;
    private final Outgoing outgoing;
    private final List<OfferedAction> actions;
    private final ClusterBus.NodeHandler handler;
    private final ClusterBus.Offer local;
    private final Service service;
    private final Dispatcher incoming;
    private final Dispatcher cancels;
    private final Semaphore room = new Semaphore(IN_FLIGHT_MAX);
    private final MessageReader requests = new MessageReader(Direction.REQUEST);
    private final MessageWriter writer = new MessageWriter();
    private final AtomicBoolean withdrawn = new AtomicBoolean();

    /** The requests that are handled now, by their names. */
    private final Map<String, CompletableFuture<Message>> running = new ConcurrentHashMap<>();

    private final RecentNames cancelled = new RecentNames();

    /**
     * Offers actions.
     *
     * @param local the same offer to the servers on this connection, which is withdrawn with this one
     */
    NatsOffer(
            NatsBus bus,
            Connection connection,
            Outgoing outgoing,
            List<OfferedAction> actions,
            ClusterBus.NodeHandler handler,
            ClusterBus.Offer local) {
        this.local = local;
        this.bus = bus;
        this.connection = connection;
        this.outgoing = outgoing;
        this.actions = List.copyOf(actions);
        this.handler = handler;
        incoming = connection.createDispatcher();
        cancels = connection.createDispatcher(this::cancel);
        try {
            incoming.setPendingLimits(PENDING_MESSAGES_MAX, PENDING_BYTES_MAX);
            cancels.setPendingLimits(PENDING_MESSAGES_MAX, PENDING_BYTES_MAX);
            service = service();
            Uninterrupted.run(() -> {
                cancels.subscribe(bus.subjects().ofCancels());
                var _ = service.startService();
            });
        } catch (Throwable thrown) {
            close();
            throw thrown;
        }
    }

    private Service service() {
        ServiceBuilder builder = Service.builder()
                .connection(connection)
                .name(bus.subjects().service())
                .version("1.0.0") // of the form of requests, not of the application
                .description("Actions of a Parley server")
                .drainTimeout(DRAIN);
        Map<String, String> names =
                Subjects.endpointNames(actions.stream().map(OfferedAction::name).toList());
        for (OfferedAction action : actions) {
            builder.addServiceEndpoint(ServiceEndpoint.builder()
                    .endpointName(names.get(action.name()))
                    .endpointSubject(bus.subjects().ofAction(action.name()))
                    .endpointQueueGroup(QUEUE_GROUP)
                    .endpointMetadata(Map.of(
                            OtherNodes.PROTOCOL,
                            RequestHeaders.VERSION,
                            "action",
                            action.name(),
                            "kind",
                            action.kind(),
                            "question",
                            action.question(),
                            "answer",
                            action.answer()))
                    .dispatcher(incoming)
                    .handler(request -> handle(action.name(), request))
                    .build());
        }
        return builder.build();
    }

    List<OfferedAction> actions() {
        return actions;
    }

    /** Returns how many requests and cancellations jnats has dropped, since they came too fast. */
    long dropped() {
        return incoming.getDroppedCount() + cancels.getDroppedCount();
    }

    /**
     * Announces the actions of this node. If the broker does not carry so much, other nodes pass on requests as if they
     * might be streams, which costs them a little.
     */
    void announce() {
        byte[] offer = service.getInfoResponse().toJson().getBytes(StandardCharsets.UTF_8);
        try {
            outgoing.publish(Share.RESPONSE, bus.subjects().ofOffers(), offer);
        } catch (ClusterException notSent) {
            return; // the others ask when they connect
        }
    }

    private void handle(String action, ServiceMessage request) {
        String otherVersion = RequestHeaders.versionClash(request.getHeaders());
        if (otherVersion != null) {
            refuse(request, ErrorCode.BUSY, otherVersion); // a node of the client's version may take it
            return;
        }
        String refusal = refusal(request);
        Message message = refusal == null ? requests.read(request.getData(), 0) : null;
        if (message == null) {
            refuse(request, ErrorCode.BAD_FRAME, refusal == null ? "the request is not a message" : refusal);
        } else if (!room.tryAcquire()) {
            refuse(request, ErrorCode.BUSY, "the node handles " + IN_FLIGHT_MAX + " requests already");
        } else if (RequestHeaders.place(request.getHeaders()) != null) {
            accept(action, request, message);
        } else {
            begin(action, request, message);
        }
    }

    private void accept(String action, ServiceMessage request, Message first) {
        String responses = request.getReplyTo();
        if (responses == null) {
            room.release(); // without a place for the stream's end, it would wait for its time limit
            return;
        }
        Headers headers = request.getHeaders();
        NodeStream stream =
                NodeStream.accepted(bus.streams().to(Objects.requireNonNull(RequestHeaders.place(headers))));
        String place = bus.streams().add(stream, Direction.REQUEST);
        var _ = stream.over().thenRun(room::release);
        try {
            outgoing.publish(Share.RESPONSE, responses, RequestHeaders.accepting(place), new byte[0]);
            var told = new NodeRequest(first, RequestHeaders.principal(headers), RequestHeaders.patience(headers));
            handler.handleStream(action, told, RequestHeaders.hasMore(headers), stream);
        } catch (ClusterException notSent) {
            stream.cancel();
            refuse(request, ErrorCode.BUSY, "the connection of the node that has the request takes no more now");
        } catch (RuntimeException e) {
            stream.cancel();
            throw e; // jnats reports it
        }
    }

    private void begin(String action, ServiceMessage request, Message message) {
        String name = RequestHeaders.name(request.getHeaders());
        if (name != null && cancelled.remove(name)) {
            room.release();
            refuse(request, ErrorCode.CANCELLED, "the request was cancelled");
            return;
        }
        CompletableFuture<Message> response = handled(action, request.getHeaders(), message);
        if (name != null) {
            running.put(name, response);
        }
        var _ = response.whenComplete((made, thrown) -> {
            room.release();
            if (name != null) {
                running.remove(name);
            }
            respond(request, made != null ? made : error(ErrorCode.CANCELLED, "the request was cancelled"));
        });
        if (name != null && cancelled.remove(name)) {
            response.cancel(true); // meanwhile
        }
    }

    private CompletableFuture<Message> handled(String action, @Nullable Headers headers, Message message) {
        var request = new NodeRequest(message, RequestHeaders.principal(headers), RequestHeaders.patience(headers));
        try {
            return handler.handle(action, request).toCompletableFuture();
        } catch (RuntimeException e) {
            bus.failed("a request of another node", e);
            return CompletableFuture.completedFuture(error(ErrorCode.INTERNAL, "the node has failed"));
        }
    }

    /** Cancels a request that runs, or comes later: cancels do not wait behind the requests of other nodes. */
    private void cancel(io.nats.client.Message cancel) {
        if (cancel.getData().length > RequestHeaders.NAME_CHARS_MAX) {
            return; // it does not come from a node
        }
        String name = new String(cancel.getData(), StandardCharsets.US_ASCII);
        cancelled.add(name); // first, so that a request that begins now sees it
        CompletableFuture<Message> response = running.remove(name);
        if (response != null) {
            cancelled.remove(name);
            response.cancel(true);
        }
    }

    /** Returns why a request cannot be handled; null if it can. */
    private static @Nullable String refusal(ServiceMessage request) {
        if (RequestHeaders.isPrincipalUnreadable(request.getHeaders())) {
            return "the principal of the request is not readable"; // without it, the request would be someone else's
        }
        return null;
    }

    private static Message error(ErrorCode code, String why) {
        return ClusterMessages.error(code, why);
    }

    private void respond(ServiceMessage request, Message response) {
        String subject = request.getReplyTo();
        if (subject == null) {
            return; // another program wants no response
        }
        byte[] bytes = writer.write(response);
        int most = outgoing.messageBytesMax();
        if (bytes.length > most) {
            String why = "the response has " + bytes.length + " bytes; the broker carries " + most;
            bytes = writer.write(error(ErrorCode.INTERNAL, why));
        }
        try {
            outgoing.publish(Share.RESPONSE, subject, bytes);
        } catch (ClusterException notSent) {
            refuse(request, ErrorCode.INTERNAL, "the response could not be sent: too much waits for the NATS server");
        }
    }

    /** Responds with an error, for which there is room if a response has none. */
    private void refuse(ServiceMessage request, ErrorCode code, String why) {
        String subject = request.getReplyTo();
        if (subject == null) {
            return;
        }
        try {
            outgoing.publish(Share.ERROR, subject, writer.write(error(code, why)));
        } catch (ClusterException notSent) {
            bus.responseLost();
        }
    }

    @Override
    public void withdraw() {
        if (withdrawn.compareAndSet(false, true)) {
            local.withdraw();
            bus.withdrawn(this);
            Uninterrupted.run(this::stop);
        }
    }

    private void stop() {
        try {
            service.stop(outgoing.isConnected()); // what is away sends nothing that could be waited for
        } catch (IllegalArgumentException | IllegalStateException endedWithTheConnection) {
            return;
        }
    }

    @Override
    public void close() {
        end(incoming);
        end(cancels);
        bus.ended(this);
    }

    private void end(Dispatcher dispatcher) {
        try {
            Uninterrupted.run(() -> connection.closeDispatcher(dispatcher));
        } catch (IllegalArgumentException | IllegalStateException endedWithTheConnection) {
            return;
        }
    }
}
