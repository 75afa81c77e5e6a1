package dev.parley.server;

import dev.parley.Exchange;
import dev.parley.Filter;
import dev.parley.Handler;
import dev.parley.Message;
import dev.parley.link.StreamMessages;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Filters around the handler of one route. Immutable. */
public final class FilterChain {
    private final List<Filter> filters;
    private final @Nullable String action;

    /**
     * Makes a chain of filters around the handler of an action. The first filter is the outermost. The action is null
     * for the default handler.
     */
    public FilterChain(List<Filter> filters, @Nullable String action) {
        this.filters = List.copyOf(filters);
        this.action = action;
    }

    /** Returns the route with the filters around it, or the route itself if there are no filters. */
    public Route route(Route inner) {
        Route route = inner.named(action);
        if (filters.isEmpty()) {
            return route;
        }
        StreamWork stream = route.stream();
        Route around;
        if (stream == null) {
            around = new Route(handler(route.handler()), route.onLoop());
        } else {
            around = route.onLoop() ? Route.ofLoopStream(loopStream(stream)) : Route.ofStream(stream(stream));
        }
        return around.binding(route.question()).interrupting(route.interrupts()).named(action);
    }

    private Handler<Message, Message> handler(Handler<Message, Message> inner) {
        return (request, exchange) -> new Step(0, exchange, inner, null).proceed(request);
    }

    /**
     * Passes the header of the first message through the filters. The handler takes the first message itself from the
     * stream, like all later messages.
     */
    private StreamWork stream(StreamWork inner) {
        return (in, out, exchange) -> new Step(
                        0,
                        exchange,
                        (request, same) -> {
                            Message last = inner.handle(in, out, exchange);
                            return last == null ? StreamMessages.mark() : last;
                        },
                        null)
                .proceed(StreamMessages.ofHeader(exchange.header()));
    }

    /**
     * Does the same for a stream whose handler returns at once, so the filters get a mark as the last message. They
     * learn of the end by {@link Filter.Chain#whenOver}. If they answer without the handler, the stream ends with their
     * answer.
     */
    private StreamWork loopStream(StreamWork inner) {
        return (in, out, exchange) -> {
            var begun = new boolean[1];
            Message answer = new Step(
                            0,
                            exchange,
                            (request, same) -> {
                                begun[0] = true;
                                Message last = inner.handle(in, out, exchange);
                                return last == null ? StreamMessages.mark() : last;
                            },
                            (LoopStream) exchange)
                    .proceed(StreamMessages.ofHeader(exchange.header()));
            return begun[0] ? null : answer;
        };
    }

    /** Returns a task that runs both of these, whatever the first one throws. */
    static Runnable inTurn(Runnable first, Runnable second) {
        return () -> {
            try {
                first.run();
            } catch (Throwable thrown) {
                runAfter(thrown, second);
                throw thrown;
            }
            second.run();
        };
    }

    /** Runs a task after a failure, which stays the first one if the task fails too. */
    private static void runAfter(Throwable failure, Runnable task) {
        try {
            task.run();
        } catch (Throwable another) {
            if (!another.equals(failure)) {
                failure.addSuppressed(another);
            }
        }
    }

    private final class Step implements Filter.Chain {
        private final int index;
        private final Exchange exchange;
        private final Handler<Message, Message> inner;

        /** The stream, which goes on when the filters have returned; null if the request is over by then. */
        private final @Nullable LoopStream goingOn;

        private @Nullable Runnable whenOver;

        Step(int index, Exchange exchange, Handler<Message, Message> inner, @Nullable LoopStream goingOn) {
            this.index = index;
            this.exchange = exchange;
            this.inner = inner;
            this.goingOn = goingOn;
        }

        @Override
        public Message proceed(Message request) throws Exception {
            Message answer = index == filters.size() ? inner.handle(request, exchange) : filtered(request);
            return Objects.requireNonNull(answer, "the handler, or a filter of it, returned null");
        }

        private Message filtered(Message request) throws Exception {
            var next = new Step(index + 1, exchange, inner, goingOn);
            Message answer;
            try {
                answer = filters.get(index).filter(request, next);
            } catch (Throwable thrown) {
                runAfter(thrown, next::over);
                throw thrown;
            }
            next.over();
            return answer;
        }

        private void over() {
            if (whenOver != null) {
                whenOver.run();
            }
        }

        @Override
        public void whenOver(Runnable task) {
            Runnable before = whenOver;
            if (goingOn != null) {
                goingOn.whenCompleted(task);
            } else {
                whenOver = before == null ? task : inTurn(before, task);
            }
        }

        @Override
        public @Nullable String action() {
            return action;
        }

        @Override
        public Exchange exchange() {
            return exchange;
        }
    }
}
