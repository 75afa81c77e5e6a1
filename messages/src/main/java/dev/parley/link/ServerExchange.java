package dev.parley.link;

import dev.parley.Exchange;
import java.util.Map;

/** An exchange of a server, as the calls see it that its handler makes. Any thread may use it. */
public interface ServerExchange extends Exchange {
    /** Returns the keys of the request's header that pass to the calls of its handler. */
    Map<String, Object> passedOn();

    /** Returns true if this exchange can pass to other threads, and outlive the method of its handler. */
    boolean mayPass();

    /**
     * Adds a call that ends if the answer of this exchange is no longer wanted. If that is so already, the call ends at
     * once.
     *
     * @param giveUp ends the call; it is called on any thread, at most once, and must not block
     * @return removes the call again, when it has ended
     */
    Runnable addCall(Runnable giveUp);
}
