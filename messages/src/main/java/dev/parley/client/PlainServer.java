package dev.parley.client;

import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.frame.ErrorCode;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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

    /** The number of calls whose content is being converted. */
    private int converting;

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
                converting++;
                Thread.startVirtualThread(() -> convertAndSend(call, to));
            } else {
                send(call, PlainForm.carryingAction(call.request(), call.action()), to);
            }
        } else {
            refuse(exchange, to, "they have neither streams nor requests without an answer");
        }
    }

    /** Runs on a virtual thread, since this may take long. */
    private void convertAndSend(Call call, Address to) {
        Runnable then;
        try {
            Message carrying = PlainForm.carryingAction(call.request(), call.action());
            then = () -> send(call, carrying, to);
        } catch (Throwable notConverted) {
            then = () -> call.fail(notConverted);
        }
        Runnable next = then;
        boolean isOpen = loop.tryExecute(() -> {
            converting--;
            next.run();
        });
        if (!isOpen) {
            call.fail(ConnectionLoss.byClose(to));
        }
    }

    private void send(Call call, @Nullable Message carrying, Address to) {
        if (carrying == null) {
            refuse(call, to, "the content must be a JSON object that names no other action, to hold the action");
        } else if (!call.isOver()) {
            CompletableFuture<Message> plain = calls.start(to, carrying, call.timeLeft(loop), call::markSent);
            var _ = plain.whenComplete((response, failure) -> ended(call, to, response, failure));
            var _ = call.response().whenComplete((response, failure) -> {
                if (call.response().isCancelled()) {
                    plain.cancel(true);
                }
            });
        }
    }

    private void ended(Call call, Address to, @Nullable Message response, @Nullable Throwable failure) {
        if (response != null) {
            call.answered(response, to, loop);
        } else if (failure != null && !call.response().isCancelled()) {
            if (failure instanceof IOException) {
                forget();
            }
            whenFailed.accept(call, failure);
        }
    }

    private void refuse(ClientExchange exchange, Address to, String why) {
        RefusedException refused = RefusedException.here(
                ErrorCode.UNSUPPORTED_TYPE, to + " speaks only the tutorial's plain messages: " + why);
        exchange.endSoon(loop, () -> exchange.fail(refused));
    }

    int underWay() {
        return calls.underWay() + converting;
    }

    /** Fails the calls that are under way, and all later calls. */
    void close() {
        calls.close();
    }
}
