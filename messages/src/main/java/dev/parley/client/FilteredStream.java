package dev.parley.client;

import dev.parley.CallFilter;
import dev.parley.Message;
import dev.parley.link.Failures;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A stream with filters around it. The stream begins when the filters pass its first message on. If they fail, the
 * stream ends. Any thread may use it.
 */
final class FilteredStream implements CallDispatcher.Filtered {
    private final FullCallDispatcher core;
    private final StreamCall stream;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();

    FilteredStream(FullCallDispatcher core, StreamCall stream) {
        this.core = core;
        this.stream = stream;
    }

    /** Runs the filters on the calling thread. */
    void start(List<CallFilter> filters) {
        core.loop.tryExecute(() -> stream.watch(core.loop, this::overdue));
        core.entersFilters();
        core.begun(this);
        var _ = stream.ended().whenComplete((end, failure) -> {
            core.over(this);
            left();
        });
        var chain = new CallFilterChain(filters, stream.action(), true, this::begin);
        var _ = chain.proceed(stream.request()).whenComplete((answer, failure) -> ended(failure));
        if (core.hasEnded()) {
            clientClosed(); // close() may not have seen this stream
        }
    }

    @Override
    public void clientClosed() {
        fail(ConnectionLoss.byClose(core.address(), stream.outcome()));
    }

    /** Called when the filters have passed the stream on, and when it has ended; a filter may never do anything. */
    private void left() {
        if (left.compareAndSet(false, true)) {
            core.leavesFilters();
        }
    }

    private CompletionStage<Message> begin(Message first) {
        if (!begun.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("a filter passed a stream on twice; a stream begins once"));
        }
        stream.request(first);
        core.begin(stream);
        left();
        return stream.ended();
    }

    private void ended(@Nullable Throwable failure) {
        if (failure != null) {
            fail(Failures.unwrapped(failure));
        } else if (!begun.get()) {
            fail(new IOException("a filter answered a stream itself; it must pass it on, or fail"));
        }
    }

    private void fail(Throwable failure) {
        Runnable end = () -> {
            stream.fail(failure);
            ClientExchange.Taker taker = stream.taker();
            if (taker != null) {
                taker.cancelled(stream); // so that the server ends it too
            }
        };
        if (!core.loop.tryExecute(end)) {
            end.run(); // the loop is closed, so nothing runs on its thread any more
        }
    }

    /** Called on the loop's thread when the time of the stream is over. */
    private void overdue(ClientExchange overdue) {
        ClientExchange.Taker taker = overdue.taker();
        if (taker == null) {
            overdue.timedOut(core.address(), "a filter of this client has not passed it on");
        } else {
            taker.overdue(overdue);
        }
    }
}
