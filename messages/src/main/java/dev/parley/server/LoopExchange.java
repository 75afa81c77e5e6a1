package dev.parley.server;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.security.Principal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The request that a handler on the loop is answering. Each connection has one object, used for one request after
 * another, since the handler has returned before the next one begins. Runs on the loop's thread.
 */
final class LoopExchange implements AuthorizedExchange {
    private final LoopConnection connection;
    private final List<String> passedOn;
    private final ConnectionCredentials credentials;
    private @Nullable Principal principal;
    private @Nullable Header header;
    private long deadlineNanos;

    LoopExchange(LoopConnection connection, List<String> passedOn, ConnectionCredentials credentials) {
        this.connection = connection;
        this.passedOn = passedOn;
        this.credentials = credentials;
    }

    /** Begins with this request, which has waited for this time since it was read. */
    LoopExchange of(Message next, long waitedNanos) {
        header = next.header();
        deadlineNanos = HandlerTask.deadlineNanos(next, connection.loop(), waitedNanos);
        return this;
    }

    /**
     * Forgets the request. Called when its handler has returned, so that an idle connection keeps no memory of its
     * last request.
     */
    void done() {
        header = null;
        principal = null;
    }

    @Override
    public ConnectionCredentials credentials() {
        return credentials;
    }

    @Override
    public void accept(Principal accepted) {
        principal = accepted;
    }

    @Override
    public Optional<Principal> principal() {
        checkNotOver();
        return Optional.ofNullable(principal);
    }

    @Override
    public ConnectionInfo connection() {
        checkNotOver();
        return connection;
    }

    @Override
    public Header header() {
        return checkNotOver();
    }

    /** Throws if the handler has returned: what this object knows now would be of no request, or of another one. */
    private Header checkNotOver() {
        Header now = header;
        if (now == null) {
            throw new IllegalStateException(
                    "the exchange of a handler on the loop ends with the handler; read before what you need later");
        }
        return now;
    }

    @Override
    public Optional<Duration> timeLeft() {
        checkNotOver();
        return HandlerTask.timeLeft(deadlineNanos, connection.loop());
    }

    @Override
    public boolean isCancelled() {
        checkNotOver();
        return false;
    }

    /** Does nothing, since the loop cannot receive a cancel while the handler runs on it. */
    @Override
    public void onCancel(Runnable hook) {
        checkNotOver();
    }

    @Override
    public boolean mayPass() {
        return false;
    }

    @Override
    public <T extends @Nullable Object> T call(Callable<T> task) {
        throw new IllegalStateException(
                "the exchange of a handler on the loop ends with the handler; it cannot pass to another thread");
    }

    @Override
    public Map<String, Object> passedOn() {
        return HandlerTask.passedOn(header(), passedOn);
    }

    /** Does nothing, since the exchange ends before its calls do. */
    @Override
    public Runnable addCall(Runnable giveUp) {
        return () -> {};
    }
}
