package dev.parley;

import dev.parley.cluster.ClusterBus;
import dev.parley.cluster.ClusterException;
import dev.parley.cluster.NodeRequest;
import dev.parley.frame.ErrorCode;
import dev.parley.frame.Header;
import dev.parley.names.ActionName;
import java.security.Principal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Passes a request for an action that this server does not have on to a node that has it. */
final class ClusterForwarder implements Handler<Message, Message> {
    private static final Duration PATIENCE = Client.DEFAULT_TIMEOUT;

    private final ClusterBus bus;

    ClusterForwarder(ClusterBus bus) {
        this.bus = bus;
    }

    @Override
    public Message handle(Message request, Exchange exchange) throws Exception {
        String action = actionOf(request);
        if (action == null) {
            throw new RequestRejectedException(ErrorCode.UNKNOWN_ACTION, "the request names no action");
        }
        Duration patience = exchange.timeLeft().orElse(PATIENCE);
        if (!patience.isPositive()) {
            throw new RequestRejectedException(ErrorCode.TIMEOUT, "the time was over before the request was passed on");
        }
        String principal = exchange.principal().map(Principal::getName).orElse(null);
        var passedOn = new NodeRequest(withoutCredentials(request), principal, patience);
        CompletableFuture<Message> response = bus.request(action, passedOn).toCompletableFuture();
        try {
            return checked(response.get());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ClusterException failed ? rejection(failed) : e;
        } catch (InterruptedException e) {
            response.cancel(true);
            throw e;
        }
    }

    private static @Nullable String actionOf(Message request) {
        String action = request.header().text(Header.ACTION);
        if (action == null && request.isJson()) {
            action = request.scan().text(Header.ACTION);
        }
        return action != null && ActionName.isValid(action) ? action : null;
    }

    /**
     * Returns the request without the credentials of the client, since another node must not get them, and without the
     * keys that belong to one connection.
     */
    static Message withoutCredentials(Message request) {
        Header header = request.header();
        Map<String, Object> others = new LinkedHashMap<>(header.others());
        others.keySet().removeIf(key -> Header.isOfConnection(key) || key.equals(Header.AUTHORIZATION));
        var bare = new Header(
                header.byteOrder(),
                header.contentType(),
                header.contentEncoding(),
                header.contentLength(),
                Header.NO_ID,
                others);
        return Message.of(request.frame().with(bare));
    }

    /** Returns the response of the node if it is one, and throws what an error response says. */
    private static Message checked(Message response) throws Exception {
        String status = response.status().orElse(null);
        if (status == null) {
            return withoutCredentials(response);
        }
        RefusedException refused = RefusedException.of("the node", null, status, response);
        if (!refused.applicationCode().isEmpty()) {
            throw new ApplicationException(refused.applicationCode(), refused.reason());
        }
        throw new RequestRejectedException(codeOf(status), refused.reason());
    }

    private static ErrorCode codeOf(String status) {
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
