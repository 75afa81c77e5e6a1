package dev.parley.link;

import dev.parley.net.EventLoop;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The exchange whose handler runs on the calling thread, for code that has no exchange at hand. A thread of a handler
 * has it as a scoped value, so it is also seen by the threads of a structured task scope. A loop has a field for it,
 * since a scoped value for each small request would cost more than the request.
 */
public final class CurrentExchange {
    private static final ScopedValue<ServerExchange> OF_THREAD = ScopedValue.newInstance();

    private CurrentExchange() {}

    /** The exchange whose handler runs on a loop now. Runs on the loop's thread. */
    public static final class OfLoop {
        private @Nullable ServerExchange now;

        private OfLoop() {}

        /** Sets the exchange whose handler runs from now on; null if none runs. */
        public void set(@Nullable ServerExchange exchange) {
            now = exchange;
        }

        /** Runs code of an exchange; it may itself run as part of another one. */
        public void run(ServerExchange exchange, Runnable code) {
            ServerExchange before = now;
            now = exchange;
            try {
                code.run();
            } finally {
                now = before;
            }
        }
    }

    /** Returns the place of a loop's current exchange. Called on the loop's thread. */
    public static OfLoop of(EventLoop loop) {
        return loop.shared(OfLoop.class, OfLoop::new, ended -> ended.set(null));
    }

    /** Returns the exchange whose handler runs on the calling thread, or null if none does. */
    public static @Nullable ServerExchange getOrNull() {
        if (OF_THREAD.isBound()) {
            return OF_THREAD.get();
        }
        Optional<EventLoop> loop = EventLoop.current();
        return loop.isEmpty() ? null : of(loop.get()).now;
    }

    /** Returns the exchange of the calling thread if it can pass to other threads; null otherwise. */
    public static @Nullable ServerExchange passingOrNull() {
        ServerExchange now = getOrNull();
        return now != null && now.mayPass() ? now : null;
    }

    /**
     * Runs code of a stream as part of an exchange that can pass to other threads. Costs little on the loop's thread.
     *
     * @param loop the loop on which the stream usually runs
     * @param exchange the exchange; null to run the code as it is
     */
    public static void run(EventLoop loop, @Nullable ServerExchange exchange, Runnable code) {
        if (exchange == null) {
            code.run();
        } else if (loop.isCurrent() && !OF_THREAD.isBound()) {
            of(loop).run(exchange, code);
        } else {
            ScopedValue.where(OF_THREAD, exchange).run(code); // a value that is bound already would count before
        }
    }

    /** Runs code as part of an exchange. */
    public static <T, X extends Throwable> T call(ServerExchange exchange, ScopedValue.CallableOp<T, X> code) throws X {
        return ScopedValue.where(OF_THREAD, exchange).call(code);
    }
}
