package dev.parley.client;

import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for one minute that a server is plain, since it has answered like the tutorial's server, and sends the
 * calls to it as {@link PlainCall}s. The server counts as plain for one minute, or until a call to it fails. After
 * that, the client asks again who the server is, since a Parley server may have replaced it. Runs on the loop's thread.
 */
final class PlainServer {
    private static final Duration BELIEVED = Duration.ofMinutes(1);

    private final EventLoop loop;
    private final PlainCalls calls;
    private final BiConsumer<Call, Throwable> whenFailed;
    private @Nullable Address address;
    private long sinceNanos;

    /**
     * Makes an object that does not know a plain server yet.
     *
     * @param whenFailed called when a call got no response; it must end the call
     */
    PlainServer(EventLoop loop, ClientSettings settings, BiConsumer<Call, Throwable> whenFailed) {
        this.loop = loop;
        this.calls = new PlainCalls(loop, settings);
        this.whenFailed = whenFailed;
    }

    /** Returns the address of the plain server, or null if none is known. */
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

    /** Sends an exchange to a plain server. Fails the exchange if it has no plain form. */
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

    int underWay() {
        return calls.underWay();
    }

    /** Fails the calls that are under way, and all later calls. */
    void close() {
        calls.close();
    }
}
