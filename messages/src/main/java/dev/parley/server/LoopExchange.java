package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The request that a handler on the loop is answering. Each connection has one object, used for one request after
 * another, since the handler has returned before the next one begins. Runs on the loop's thread.
 */
final class LoopExchange implements Exchange {
    private final LoopConnection connection;
    private @Nullable Header header;
    private long deadlineNanos;

    LoopExchange(LoopConnection connection) {
        this.connection = connection;
    }

    /** Begins with this request, which was read so long ago. */
    LoopExchange of(Message next, long waitedNanos) {
        header = next.header();
        deadlineNanos = HandlerTask.deadlineNanos(next, connection.loop(), waitedNanos);
        return this;
    }

    /** Forgets the request, as its handler has returned: an idle connection keeps nothing of its last request. */
    void done() {
        header = null;
    }

    @Override
    public ConnectionInfo connection() {
        return connection;
    }

    @Override
    public Header header() {
        return Objects.requireNonNull(header, "the handler has returned");
    }

    @Override
    public Optional<Duration> timeLeft() {
        return HandlerTask.timeLeft(deadlineNanos, connection.loop());
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    /** Does nothing: while the handler runs, the loop receives no cancel. */
    @Override
    public void onCancel(Runnable hook) {}
}
