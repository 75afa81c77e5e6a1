package dev.parley;

import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.NodeRequest;
import dev.parley.cluster.NodeStream;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.link.StreamReceiver;
import dev.parley.link.StreamSender;
import dev.parley.names.ActionName;
import dev.parley.server.Router;
import java.security.Principal;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests and streams for actions that this server does not have on to a node that has them. A request that may
 * be a stream is passed on as one. Runs on handlers' threads.
 */
final class ClusterForwarder {
    private final ClusterBus bus;

    ClusterForwarder(ClusterBus bus) {
        this.bus = bus;
    }

    /** Returns true if a request is known to be one message with one response. Runs on the loop's thread. */
    boolean isCall(Message request) {
        Header header = request.header();
        if (header.hasMore()) {
            return false;
        }
        if (header.id() == Header.NO_ID || header.isOneWay()) {
            return true;
        }
        try {
            String action = actionOf(request);
            return action == null || bus.isCall(action);
        } catch (ContentException unreadable) {
            return true; // the call responds with the error
        }
    }

    /** Passes on a request that has one response. */
    Message call(Message request, Exchange exchange) throws Exception {
        CompletableFuture<Message> response =
                bus.request(nameIn(request), nodeRequest(request, exchange)).toCompletableFuture();
        exchange.onCancel(() -> response.cancel(true)); // the thread may not be one that is interrupted
        try {
            return checked(response.get());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClusterException failed ? rejection(failed) : e;
        } catch (InterruptedException e) {
            response.cancel(true);
            throw e;
        } catch (CancellationException byClient) {
            throw new RequestRejectedException(ErrorCode.CANCELLED, "the request was cancelled");
        }
    }

    /** Passes on a stream. Returns its last message. */
    Message stream(StreamReceiver in, StreamSender out, Exchange exchange) throws Exception {
        Message first = ClusterStreams.firstOf(in, exchange.header());
        boolean hasMore = exchange.header().hasMore();
        String action = nameIn(first);
        NodeStream stream = bus.open(action, nodeRequest(first, exchange), hasMore);
        stream.countIn(out.loop().memoryCap());
        try {
            exchange.onCancel(stream::cancel);
            if (hasMore) {
                ClusterStreams.startOrFail("to-node-" + action, stream, () -> ClusterStreams.send(in, stream));
            }
            return checked(ClusterStreams.receive(stream, out, piece -> {}));
        } catch (ClusterException failed) {
            throw rejection(failed);
        } finally {
            stream.discard();
        }
    }

    private static String nameIn(Message request) throws RequestRejectedException {
        String action = actionOf(request);
        if (action == null) {
            throw new RequestRejectedException(ErrorCode.UNKNOWN_ACTION, "the request names no action");
        }
        return action;
    }

    private static NodeRequest nodeRequest(Message request, Exchange exchange) throws RequestRejectedException {
        Duration patience = exchange.timeLeft().orElse(null);
        if (patience != null && !patience.isPositive()) {
            throw new RequestRejectedException(ErrorCode.TIMEOUT, "the time was over before the request was passed on");
        }
        String principal = exchange.principal().map(Principal::getName).orElse(null);
        return new NodeRequest(ClusterStreams.bare(request), principal, patience);
    }

    private static @Nullable String actionOf(Message request) {
        String action = request.header().text(Header.ACTION);
        if (action == null) {
            return request.isJson() ? Router.actionIn(request) : null;
        }
        return ActionName.isValid(action) ? action : null;
    }

    /** Returns the response of the node. If it is an error response, throws the exception for it. */
    private static Message checked(Message response) throws Exception {
        String status = response.status().orElse(null);
        if (status == null) {
            return ClusterStreams.bare(response);
        }
        RefusedException refused = RefusedException.of("the node", null, status, response);
        if (!refused.applicationCode().isEmpty()) {
            throw new ApplicationException(refused.applicationCode(), refused.reason());
        }
        throw new RequestRejectedException(codeOf(status), refused.reason());
    }

    /** Returns the code of a status; {@code internal} if this version does not know it. */
    static ErrorCode codeOf(String status) {
        for (ErrorCode code : ErrorCode.values()) {
            if (code.wire().equals(status)) {
                return code;
            }
        }
        return ErrorCode.INTERNAL;
    }

    private static RequestRejectedException rejection(ClusterException failed) {
        ErrorCode code =
                switch (failed.reason()) {
                    case NO_NODE -> ErrorCode.UNKNOWN_ACTION;
                    case NOT_SENT -> ErrorCode.BUSY;
                    case TOO_LARGE -> ErrorCode.CONTENT_TOO_LARGE;
                    case TIMEOUT -> ErrorCode.TIMEOUT;
                    case LOST, BAD_RESPONSE -> ErrorCode.UNAVAILABLE;
                };
        return new RequestRejectedException(code, String.valueOf(failed.getMessage()));
    }
}
