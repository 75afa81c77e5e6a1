package dev.parley.client;

import dev.parley.Message;
import java.util.concurrent.CompletableFuture;

/**
 * The future of a response. If it is cancelled, or a stage that depends on it is cancelled, the request is given up,
 * and the server is notified, so that its handler stops.
 */
final class Response extends CompletableFuture<Message> {
    private final Runnable whenCancelled;

    Response(Runnable whenCancelled) {
        this.whenCancelled = whenCancelled;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        if (cancelled) {
            whenCancelled.run();
        }
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Stage<>(this);
    }

    /** A stage that depends on a response or on another stage. If it is cancelled, it cancels this other future too. */
    private static final class Stage<U> extends CompletableFuture<U> {
        private final CompletableFuture<?> of;

        Stage(CompletableFuture<?> of) {
            this.of = of;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            boolean cancelled = super.cancel(mayInterrupt);
            if (cancelled) {
                of.cancel(mayInterrupt);
            }
            return cancelled;
        }

        @Override
        public <V> CompletableFuture<V> newIncompleteFuture() {
            return new Stage<>(this);
        }
    }
}
