package dev.parley.client;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that has answered as the tutorial's does, and the calls to it: each request has a connection of its own, and
 * the action is in its content. The server is believed to be plain for a minute, and no longer than its calls succeed:
 * then it is asked again, since a Parley server may have taken its place. Runs on the loop's thread.
 */
final class PlainServer {
    private static final Duration BELIEVED = Duration.ofMinutes(1);

    private final EventLoop loop;
    private final PlainCalls calls;
    private final BiConsumer<Call, Throwable> whenFailed;
    private @Nullable Address address;
    private long sinceNanos;

    /**
     * Starts without such a server.
     *
     * @param whenFailed ends a call that brought no response; the server is then asked again who it is
     */
    PlainServer(EventLoop loop, MessageLimits limits, BiConsumer<Call, Throwable> whenFailed) {
        this.loop = loop;
        this.calls = new PlainCalls(loop, limits);
        this.whenFailed = whenFailed;
    }

    /** Returns where it is; null if no such server is known. */
    @Nullable
    Address address() {
        if (address != null && loop.freshNanos() - sinceNanos >= BELIEVED.toNanos()) {
            address = null;
        }
        return address;
    }

    void isAt(Address plain) {
        address = plain;
        sinceNanos = loop.freshNanos();
    }

    void forget() {
        address = null;
    }

    /** Sends an exchange there, or fails it if it has no plain form. */
    void send(ClientExchange exchange, Address to) {
        if (exchange instanceof Call call && !call.isOneWay()) {
            if (PlainForm.isForJackson(call.request())) {
                Thread.startVirtualThread(() -> {
                    Message carrying = PlainForm.carryingAction(call.request(), call.action());
                    if (!loop.tryExecute(() -> send(call, carrying, to))) {
                        call.fail(ConnectionLoss.byClose(to));
                    }
                });
            } else {
                send(call, PlainForm.carryingAction(call.request(), call.action()), to);
            }
        } else {
            refuse(exchange, to, "they have neither streams nor requests without an answer");
        }
    }

    private void send(Call call, @Nullable Message carrying, Address to) {
        if (carrying == null) {
            refuse(call, to, "the content must be a JSON object that names no other action, to hold the action");
        } else if (!call.isOver()) {
            var _ = calls.start(to, carrying, call.timeLeft(loop), call::markSent)
                    .whenComplete((response, failure) -> ended(call, to, response, failure));
        }
    }

    private void ended(Call call, Address to, @Nullable Message response, @Nullable Throwable failure) {
        if (response != null) {
            call.answered(response, to, loop);
        } else if (failure != null) {
            forget();
            whenFailed.accept(call, failure);
        }
    }

    private static void refuse(ClientExchange exchange, Address to, String why) {
        exchange.fail(RefusedException.here(
                ErrorCode.UNSUPPORTED_TYPE, to + " speaks only the tutorial's plain messages: " + why));
    }

    /** Fails what is under way, and all that follows. */
    void close() {
        calls.close();
    }
}
