package dev.parley;

import dev.parley.client.ClientStream;
import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.ClusterMessages;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.cluster.OfferedAction;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.FrameLimits;
import dev.parley.frame.Header;
import dev.parley.link.StreamMessages;
import dev.parley.net.Address;
import dev.parley.net.BindFailedException;
import dev.parley.net.EventLoop;
import dev.parley.net.mem.MemNetwork;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A server's place in a cluster: it offers the server's actions to the other nodes, and handles their requests. A
 * client inside this process passes them to a second server with the same handlers, which no other process can reach.
 * So filters, limits, time limits and drains are those of every request. Any thread may use it.
 */
final class ClusterNode implements ClusterBus.NodeHandler, AutoCloseable {
    private static final Address INSIDE = Address.parse("mem:node");

    private final EventLoop loop;
    private final Server inside;
    private final Client client;
    private final ClusterBus.Offer offer;
    private final Vouching vouching;
    private final FrameLimits limits;

    /**
     * Joins a cluster.
     *
     * @param settings a copy of the server's settings, which is changed
     * @param isAuthorizing whether the server requires credentials
     */
    private ClusterNode(
            ClusterBus bus,
            ServerBuilder settings,
            EventLoop.Builder loopSettings,
            List<OfferedAction> actions,
            boolean isAuthorizing)
            throws BindFailedException {
        vouching = new Vouching(isAuthorizing);
        limits = settings.limits().frame();
        loop = loopSettings.copy().transport(new MemNetwork()).start();
        try {
            if (isAuthorizing) {
                settings.authorization(vouching);
            }
            inside = settings.listen(loop, INSIDE);
            client = Client.builder(INSIDE)
                    .loop(loop)
                    .limits(settings.limits())
                    .retries(false) // the client of another node decides whether it sends a request again
                    .connect();
            offer = bus.offer(actions, this);
        } catch (BindFailedException | RuntimeException e) {
            loop.close();
            throw e;
        } catch (IOException e) {
            loop.close();
            throw BindFailedException.joining(INSIDE, e);
        }
    }

    /**
     * Lets a server join a cluster. If it cannot, it is closed.
     *
     * @param settings as for the constructor
     */
    static void join(
            Server server,
            ClusterBus bus,
            ServerBuilder settings,
            EventLoop.Builder loopSettings,
            List<OfferedAction> actions,
            boolean isAuthorizing)
            throws BindFailedException {
        try {
            server.joined(new ClusterNode(bus, settings, loopSettings, actions, isAuthorizing));
        } catch (BindFailedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Returns the limits of the server inside a node. */
    static MessageLimits limits(MessageLimits ofServer) {
        return ofServer.withInFlightMax(ofServer.inFlightTotalMax()) // one connection brings all of them
                .withStreamsMax(ofServer.inFlightTotalMax())
                .withConnectionAgeMax(Duration.ZERO); // it is the only way to the handlers
    }

    @Override
    public CompletionStage<Message> handle(String action, NodeRequest request) {
        try {
            CallOptions options =
                    vouching.vouch(CallOptions.timeout(request.patienceOfCall()).detached(), request.principal());
            Message bare = ClusterStreams.bare(request.message());
            Message refusal = refusal(action, bare, false, options);
            if (refusal != null) {
                return CompletableFuture.completedFuture(refusal);
            }
            CompletableFuture<Message> call =
                    client.callAsync(action, bare, options).toCompletableFuture();
            return cancelling(call, call.exceptionally(ClusterNode::response));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(response(e));
        }
    }

    /** Returns the error response for a request that this node does not take now; null if it takes it. */
    private @Nullable Message refusal(String action, Message bare, boolean hasMore, CallOptions options) {
        // The cap does not hold back the connection that brings all requests, so each must leave as much as it takes.
        if (StreamMessages.heldBytes(bare) > loop.memoryCap().freeBytes() / 2) {
            return ClusterMessages.error(ErrorCode.BUSY, "the node has too little memory for the request now");
        }
        return NodeLimits.refusal(limits, action, bare, hasMore, options);
    }

    @Override
    public void handleStream(String action, NodeRequest request, boolean hasMore, NodeStream stream) {
        stream.countIn(loop.memoryCap());
        try {
            Duration patience = request.patience();
            CallOptions plain = patience == null ? CallOptions.DEFAULT : CallOptions.timeout(patience);
            CallOptions options = vouching.vouch(plain.detached(), request.principal());
            Message bare = ClusterStreams.bare(request.message());
            Message refusal = refusal(action, bare, hasMore, options);
            if (refusal == null) {
                join(action, client.open(action, bare, hasMore, options), hasMore, stream);
            } else {
                refuse(action, stream, refusal);
            }
        } catch (RuntimeException e) {
            refuse(action, stream, response(e));
        }
    }

    private static void refuse(String action, NodeStream stream, Message why) {
        ClusterStreams.start("refuses-" + action, stream, () -> stream.end(why));
    }

    private void join(String action, ClientStream inner, boolean hasMore, NodeStream stream) {
        stream.over().thenRun(inner.cancel());
        if (hasMore) {
            ClusterStreams.start("from-node-" + action, stream, () -> request(stream, inner));
        }
        ClusterStreams.start("to-node-" + action, stream, () -> respond(inner, stream));
    }

    private void request(NodeStream stream, ClientStream inner) throws IOException {
        try {
            inner.out()
                    .end(ClusterStreams.receive(stream, inner.out(), piece -> NodeLimits.checkFurther(limits, piece)));
        } catch (IllegalArgumentException notTaken) {
            stream.abort(new ClusterException(
                    ClusterException.Reason.TOO_LARGE,
                    "the node does not take a message of the stream: " + notTaken.getMessage()));
        }
    }

    private static void respond(ClientStream inner, NodeStream stream) throws IOException {
        try {
            ClusterStreams.send(inner.in(), stream);
        } catch (ClusterException busFailed) {
            throw busFailed;
        } catch (IOException failed) {
            stream.end(response(failed));
        }
    }

    /** Lets the cancellation of a stage that follows a future cancel the future too. Returns the stage. */
    static <T> CompletableFuture<T> cancelling(CompletableFuture<?> first, CompletableFuture<T> following) {
        var _ = following.whenComplete((value, thrown) -> {
            if (following.isCancelled()) {
                first.cancel(true);
            }
        });
        return following;
    }

    /** Returns the error response for a call that failed. */
    private static Message response(Throwable thrown) {
        Throwable failed = thrown instanceof CompletionException e && e.getCause() != null ? e.getCause() : thrown;
        return switch (failed) {
            case RefusedException refused when refused.response() != null -> refused.response();
            case RefusedException refused ->
                ClusterMessages.error(ClusterForwarder.codeOf(refused.code()), refused.reason());
            case TimedOutException _ ->
                ClusterMessages.error(ErrorCode.TIMEOUT, "the handler has not responded in time");
            case ContentException _ ->
                ClusterMessages.error(ErrorCode.UNAVAILABLE, "the response of this action is a stream");
            case IllegalArgumentException refused ->
                ClusterMessages.error(ErrorCode.BAD_HEADER, String.valueOf(refused.getMessage()));
            case ClientClosedException closed
            when closed.outcome() == CallException.Outcome.NOT_PROCESSED ->
                ClusterMessages.error(ErrorCode.GOING_AWAY, "the node stops, and the request was not begun");
            case ClientClosedException _ ->
                ClusterMessages.error(ErrorCode.UNAVAILABLE, "the node stops; the request may have been handled");
            case CallException notSent
            when notSent.outcome() == CallException.Outcome.NOT_PROCESSED ->
                ClusterMessages.error(ErrorCode.BUSY, "the node could not take the request, which was not begun");
            default ->
                ClusterMessages.error(
                        ErrorCode.UNAVAILABLE, "the node has lost the request, which may have been handled");
        };
    }

    /** Ends the requests of these principals of other nodes. */
    void revoke(Predicate<? super Principal> principals) {
        // One connection carries the principals of all other nodes, so one failure must not end this for all.
        inside.revoke(principal -> isToRevoke(principals, principal));
    }

    private boolean isToRevoke(Predicate<? super Principal> principals, Principal principal) {
        try {
            return principals.test(principal);
        } catch (RuntimeException e) {
            loop.observer().failed("revoking principals of other nodes", e);
            return false;
        }
    }

    /** Takes no new requests of other nodes. */
    void withdraw() {
        offer.withdraw();
    }

    /** Waits for the requests of other nodes that are under way. */
    void drain(Duration grace) throws InterruptedException {
        client.drain(grace);
        inside.close();
    }

    @Override
    public void close() {
        offer.withdraw();
        client.close();
        inside.close();
        offer.close();
        loop.close();
    }

    /**
     * Lets a principal pass that another node vouches for. The client of this node says it in its credentials, together
     * with a secret that only it and this object know.
     */
    private static final class Vouching implements Authorizer {
        private static final String NOBODY = "nobody";

        private final String prefix = "node " + UUID.randomUUID() + " ";
        private final boolean isNeeded;

        Vouching(boolean isNeeded) {
            this.isNeeded = isNeeded;
        }

        CallOptions vouch(CallOptions options, @Nullable String principal) {
            if (!isNeeded) {
                return options;
            }
            // A request without the key would be taken for one of the principal before it on the same connection.
            return options.withHeader(Header.AUTHORIZATION, principal == null ? NOBODY : prefix + principal);
        }

        @Override
        public @Nullable Principal authorize(Exchange exchange) {
            String text = exchange.header().text(Header.AUTHORIZATION);
            if (text == null || !text.startsWith(prefix)) {
                return null;
            }
            return new VouchedPrincipal(text.substring(prefix.length()));
        }
    }

    /** A principal that another node has authorized. */
    private record VouchedPrincipal(String name) implements Principal {
        @Override
        public String getName() {
            return name;
        }
    }
}
