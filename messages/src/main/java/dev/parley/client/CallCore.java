package dev.parley.client;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.frame.ActionName;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What blocking calls and stages both stand on: every call is a future that ends once. Any thread. */
public final class CallCore {
    private final EventLoop loop;
    private final boolean ownsLoop;
    private final Address address;
    private final MessageLimits limits;
    private final boolean plain;
    private final LongAdder lateResponses = new LongAdder();
    private final ClientConnection connection;

    /** The core of a full client. */
    public CallCore(EventLoop loop, boolean ownsLoop, Address address, MessageLimits limits) {
        this(loop, ownsLoop, address, limits, false);
    }

    private CallCore(EventLoop loop, boolean ownsLoop, Address address, MessageLimits limits, boolean plain) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.address = address;
        this.limits = limits;
        this.plain = plain;
        this.connection = new ClientConnection(loop, address, limits, lateResponses);
    }

    /** The core of a plain client. */
    public static CallCore plain(EventLoop loop, boolean ownsLoop, Address address, MessageLimits limits) {
        return new CallCore(loop, ownsLoop, address, limits, true);
    }

    /** The server's. */
    public Address address() {
        return address;
    }

    /** Connects; ends when the connection stands, or with what kept it from that. */
    public CompletableFuture<Boolean> connect() {
        var connected = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            try {
                connection.connect(() -> connected.complete(true), connected::completeExceptionally);
            } catch (RuntimeException nobodyCan) {
                connected.completeExceptionally(nobodyCan);
            }
        });
        return connected;
    }

    /**
     * Sends a request.
     *
     * @param action null where the request names it itself, or has none
     * @param timeout zero for none
     */
    public CompletableFuture<Message> call(@Nullable String action, Message request, Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout of " + timeout + "; zero or more");
        }
        if (action != null && !ActionName.isValid(action)) {
            throw new IllegalArgumentException("'" + action + "' is no action name; " + ActionName.RULE);
        }
        return plain ? plainCall(action, request, timeout) : fullCall(action, request, timeout);
    }

    private CompletableFuture<Message> fullCall(@Nullable String action, Message request, Duration timeout) {
        var call = new Call(loop, address, action, request, timeout);
        if (loop.isCurrent() && connection.takesCalls()) {
            submit(call);
        } else {
            handOver(call);
        }
        return call.response();
    }

    private void handOver(Call call) {
        try {
            loop.execute(() -> submit(call));
        } catch (RejectedExecutionException e) {
            call.fail(connection.lostByClose());
        }
    }

    private void submit(Call call) {
        try {
            connection.submit(call);
        } catch (RuntimeException nobodyCan) {
            call.fail(nobodyCan);
        }
    }

    private CompletableFuture<Message> plainCall(@Nullable String action, Message request, Duration timeout) {
        Message carrying = action == null ? request : FirstRequest.carryingAction(request, action);
        if (carrying == null) {
            throw new IllegalArgumentException(
                    "a plain request holds its action in its content: a JSON object that is not empty");
        }
        return PlainCall.start(loop, address, carrying, timeout, limits).thenApply(response -> {
            String status = response.status().orElse("");
            if (!status.isEmpty()) {
                throw new CompletionException(RefusedException.of(address.toString(), action, status, response));
            }
            return response;
        });
    }

    /** Refuses to wait on the thread of a loop, which may be the very one that the answer needs. */
    public static void checkMayBlock() {
        EventLoop.checkMayBlock(
                "a blocking call", "use callAsync(…), or a handler of on(…), which has a virtual thread");
    }

    /** How many responses came too late. */
    public long lateResponses() {
        return lateResponses.sum();
    }

    /** Fails what is under way; twice is harmless. */
    public void close() {
        if (loop.isCurrent()) {
            connection.close();
        } else {
            loop.tryExecute(connection::close);
        }
        if (ownsLoop) {
            loop.close();
        }
    }
}
