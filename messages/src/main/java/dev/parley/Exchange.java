package dev.parley;

import dev.parley.frame.Header;
import dev.parley.net.ConnectionInfo;
import java.time.Duration;
import java.util.Optional;

/** One request and its response, for a handler that wants to know more than the question. Any thread may ask. */
public interface Exchange {
    /** Who asks. */
    ConnectionInfo connection();

    /** The header of the request, its unknown keys included. */
    Header header();

    /** The id of the exchange; {@link Header#NO_ID} for a plain request. */
    default long id() {
        return header().id();
    }

    /** How long the client still waits; zero where that is over, empty where it did not say. */
    Optional<Duration> timeLeft();

    /**
     * Whether nobody waits for the answer any more: the client's time is over, or its connection. A handler on a
     * virtual thread is interrupted when that happens.
     */
    boolean isCancelled();
}
