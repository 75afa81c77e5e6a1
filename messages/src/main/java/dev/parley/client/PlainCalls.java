package dev.parley.client;

import dev.parley.Message;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The plain calls of a client that are under way. Each has a connection of its own. Any thread may use it. */
final class PlainCalls {
    private final EventLoop loop;
    private final ClientSettings settings;
    private final Set<PlainCall> underWay = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    PlainCalls(EventLoop loop, ClientSettings settings) {
        this.loop = loop;
        this.settings = settings;
    }

    /**
     * Starts a call.
     *
     * @param timeout zero for none
     * @param whenSent called on the loop's thread when the request is sent
     */
    CompletableFuture<Message> start(Address address, Message request, Duration timeout, Runnable whenSent) {
        var call = new PlainCall(loop, address, request, timeout, settings, whenSent);
        underWay.add(call);
        var _ = call.response().whenComplete((answer, failure) -> underWay.remove(call));
        if (closed) {
            call.clientClosed(); // close() may have been called before the call was added
        } else {
            call.start();
        }
        return call.response();
    }

    /** Returns the number of calls that are under way. */
    int underWay() {
        return underWay.size();
    }

    /** Fails the calls that are under way, and all later calls. */
    void close() {
        closed = true;
        underWay.forEach(PlainCall::clientClosed);
    }
}
