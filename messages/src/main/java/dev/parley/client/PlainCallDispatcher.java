package dev.parley.client;

import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.RefusedException;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The core of a client whose settings say that its server is plain: each call becomes a {@link PlainCall}. Any thread
 * may use it.
 */
public final class PlainCallDispatcher extends CallDispatcher {
    private final PlainCalls calls;
    private final AtomicReference<ClientState> state = new AtomicReference<>(ClientState.IDLE);

    /**
     * Makes the core of a client.
     *
     * @param atClose run once, when the client is closed
     */
    public PlainCallDispatcher(EventLoop loop, ClientSettings settings, Runnable atClose) {
        super(loop, settings, atClose);
        this.calls = new PlainCalls(loop, settings);
        OpenClients.add(this);
    }

    @Override
    public ClientState state() {
        return state.get();
    }

    @Override
    CompletableFuture<Message> start(CallSetup setup) {
        String action = setup.action();
        Message request = setup.request();
        if (Boolean.TRUE.equals(setup.waitForReady())) {
            throw new IllegalArgumentException("a plain client connects for each call, and cannot wait for a server");
        }
        if (request.header().isOneWay()) {
            throw new IllegalArgumentException(
                    "a plain client has no one-way requests: the tutorial's server has none");
        }
        Message carrying = action == null ? request : PlainForm.carryingAction(request, action);
        if (carrying == null) {
            throw new IllegalArgumentException(
                    "a plain request holds its action in its content: a JSON object that names no other action");
        }
        return calls.start(address(), carrying, setup.timeout(), () -> {}).thenApply(response -> {
            String status = response.status().orElse(null);
            if (status != null) {
                throw new CompletionException(RefusedException.of(address().toString(), action, status, response));
            }
            return response;
        });
    }

    @Override
    public ClientStream open(CallSetup setup, boolean sendsMore) {
        check(setup.action());
        throw new IllegalArgumentException("a plain client has no streams: the tutorial's server has none");
    }

    @Override
    public void reconnectNow() {} // each call has a connection of its own

    @Override
    int underWay() {
        return calls.underWay();
    }

    @Override
    public long lateResponses() {
        return 0;
    }

    @Override
    void closeCalls() {
        int left = calls.underWay() + inFilters();
        boolean isNew = state.getAndSet(ClientState.CLOSED) != ClientState.CLOSED;
        calls.close();
        callsClosed(left);
        if (isNew) {
            notifyWatcher(new ClientState.Change(ClientState.CLOSED, address(), null, Duration.ZERO));
        }
    }
}
