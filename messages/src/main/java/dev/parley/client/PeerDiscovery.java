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
 * Asks the question that goes first on each connection: who are you? Every Parley server answers it under its id, on
 * its loop, and the tutorial's server refuses it without one. Nothing of the user's is sent before that. Runs on the
 * loop's thread.
 *
 * <p>A peer that answers without an id is believed to be plain only when it has ended the connection, or has sent
 * nothing more for a moment: a peer that speaks unasked sends its real response behind the first message.
 */
final class PeerDiscovery {
    /** The id of the question, which is the first request of its connection. */
    static final long ID = 1;

    /** The time that a peer which has answered without an id has to end the connection, or to send more. */
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
        this.patience = limits.pingInterval().plus(limits.pingTimeout());
    }

    /**
     * Returns the question, and starts the time for it. Every server answers at once: a silent one hangs, and calls
     * without a deadline must not wait with it.
     */
    Message ask(Runnable whenSilent) {
        timer = loop.scheduleResponsive(patience, whenSilent);
        return QUESTION;
    }

    /** Returns the words for a peer that was silent for so long. */
    String silence() {
        return "it accepted the connection, and was silent for " + Durations.text(patience)
                + " (ping-interval, ping-timeout)";
    }

    /** Takes note that a response without an id has come. */
    void answeredPlainly(Runnable whenNothingMoreCame) {
        stop();
        timer = loop.schedule(PLAIN_GRACE, whenNothingMoreCame);
    }

    /** Stops the time, as it is known who the peer is, or the connection is over. */
    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
