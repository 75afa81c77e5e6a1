package dev.parley.client;

import dev.parley.CallFilter;
import dev.parley.Message;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The filters around one call of a client, from one of them inwards. Any thread may use it. */
final class CallFilterChain implements CallFilter.Chain {
    private final List<CallFilter> filters;
    private final @Nullable String action;
    private final boolean stream;
    private final Function<Message, CompletionStage<Message>> call;

    /**
     * Makes a chain of these filters. The first filter is the outermost.
     *
     * @param call sends the request that the innermost filter passes on
     */
    CallFilterChain(
            List<CallFilter> filters,
            @Nullable String action,
            boolean stream,
            Function<Message, CompletionStage<Message>> call) {
        this.filters = filters;
        this.action = action;
        this.stream = stream;
        this.call = call;
    }

    @Override
    public CompletionStage<Message> proceed(Message request) {
        if (filters.isEmpty()) {
            return call.apply(request);
        }
        var rest = new CallFilterChain(filters.subList(1, filters.size()), action, stream, call);
        CompletionStage<Message> response;
        try {
            response = filters.getFirst().filter(request, rest);
        } catch (Throwable thrown) {
            return CompletableFuture.failedFuture(thrown);
        }
        return response == null
                ? CompletableFuture.failedFuture(new NullPointerException("a filter returned null"))
                : response;
    }

    @Override
    public @Nullable String action() {
        return action;
    }

    @Override
    public boolean isStream() {
        return stream;
    }
}
