package dev.parley.client;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.frame.Header.Direction;
import dev.parley.net.EventLoop;
import dev.parley.net.text.Durations;
import dev.parley.net.time.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Finds out the kind of the peer by the first request on each connection: who are you? Every Parley server answers this
 * request on its loop, with the request's id. A server of the tutorial refuses it, without an id. No request of the
 * user is sent before the answer. Runs on the loop's thread.
 *
 * <p>If a peer answers without an id, it counts as plain only when it has ended the connection, or has sent nothing
 * more for 250 ms. The reason is that a peer of another kind may send a message of its own first, and its response
 * after that.
 */
final class PeerDiscovery {
    /** The id of this request, which is the first request of its connection. */
    static final long ID = 1;

    /** The time for which the client waits after an answer without an id, to see if the peer sends more. */
    static final Duration PLAIN_GRACE = Duration.ofMillis(250);

    private static final String ACTION = "parley.peer";
    private static final Message QUESTION = Message.json("{\"action\": \"" + ACTION + "\"}")
            .going(Direction.REQUEST, ID)
            .with(Header.ACTION, ACTION);

    private final EventLoop loop;
    private final Duration patience;
    private @Nullable Timer timer;

    PeerDiscovery(EventLoop loop, MessageLimits limits) {
        this.loop = loop;
        this.patience =
                Duration.ofNanos(Durations.nanos(limits.pingInterval()) + Durations.nanos(limits.pingTimeout()));
    }

    /**
     * Returns the request, and starts the timeout for its answer. A working server answers at once. If a server is
     * silent, it hangs, and calls without a deadline must not wait for it forever.
     */
    Message ask(Runnable whenSilent) {
        timer = loop.scheduleResponsive(patience, whenSilent);
        return QUESTION;
    }

    /** Returns the text of the error for a peer that did not answer in time. */
    String silence() {
        return "it accepted the connection, and was silent for " + Durations.text(patience)
                + " (ping-interval, ping-timeout)";
    }

    /**
     * Called when a response without an id has arrived. Runs the task if the client receives nothing more for {@link
     * #PLAIN_GRACE}.
     */
    void answeredPlainly(Runnable whenNothingMoreCame) {
        stop();
        timer = loop.schedule(PLAIN_GRACE, whenNothingMoreCame);
    }

    /** Stops the timer. Called when the peer is known, or the connection is over. */
    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
