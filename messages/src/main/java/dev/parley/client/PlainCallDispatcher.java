package dev.parley.client;

import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The core of a client that was told that its server is plain: each call becomes a {@link PlainCall}. Any thread may
 * use it.
 */
public final class PlainCallDispatcher extends CallDispatcher {
    private final PlainCalls calls;
    private volatile ClientState state = ClientState.IDLE;

    /**
     * Makes the core of a client.
     *
     * @param ownsLoop whether the loop is closed when the client is closed
     */
    public PlainCallDispatcher(EventLoop loop, boolean ownsLoop, ClientSettings settings) {
        super(loop, ownsLoop, settings);
        this.calls = new PlainCalls(loop, settings.limits());
    }

    @Override
    public ClientState state() {
        return state;
    }

    @Override
    CompletableFuture<Message> start(@Nullable String action, Message request, Duration timeout) {
        Message carrying = action == null ? request : PlainForm.carryingAction(request, action);
        if (carrying == null) {
            throw new IllegalArgumentException(
                    "a plain request holds its action in its content: a JSON object that names no other action");
        }
        return calls.start(address(), carrying, timeout, () -> {}).thenApply(response -> {
            String status = response.status().orElse("");
            if (!status.isEmpty()) {
                throw new CompletionException(RefusedException.of(address().toString(), action, status, response));
            }
            return response;
        });
    }

    @Override
    public ClientStream open(@Nullable String action, Message first, boolean sendsMore, Duration timeout) {
        check(action);
        throw new IllegalArgumentException("a plain client has no streams: the tutorial's server has none");
    }

    @Override
    public long lateResponses() {
        return 0;
    }

    @Override
    void closeCalls() {
        state = ClientState.CLOSED;
        calls.close();
    }
}
