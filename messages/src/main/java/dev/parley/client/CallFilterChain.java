package dev.parley.client;

import dev.parley.Exchange;
import dev.parley.Filter;
import dev.parley.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The filters around one call of a client. They run on the thread that makes the call. */
public final class CallFilterChain implements Filter.Chain {
    /** The call that the innermost filter makes. */
    @FunctionalInterface
    public interface Sent {
        /** Sends a request and waits for its response. */
        Message send(Message request) throws Exception;
    }

    private final List<Filter> filters;
    private final @Nullable String action;
    private final Sent call;

    /** Makes a chain of these filters. The first filter is the outermost. */
    public CallFilterChain(List<Filter> filters, @Nullable String action, Sent call) {
        this.filters = filters;
        this.action = action;
        this.call = call;
    }

    @Override
    public Message proceed(Message request) throws Exception {
        if (filters.isEmpty()) {
            return call.send(request);
        }
        var rest = new CallFilterChain(filters.subList(1, filters.size()), action, call);
        return Objects.requireNonNull(filters.getFirst().filter(request, rest), "a filter returned null");
    }

    @Override
    public @Nullable String action() {
        return action;
    }

    @Override
    public Optional<Exchange> exchange() {
        return Optional.empty();
    }
}
