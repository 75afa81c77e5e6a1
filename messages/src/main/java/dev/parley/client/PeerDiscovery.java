package dev.parley.client;

import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.frame.Direction;
import dev.parley.frame.Header;
import dev.parley.net.Durations;
import dev.parley.net.EventLoop;
import dev.parley.net.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The question that goes first on each connection: who are you? Every Parley server answers it under its id, on its
 * loop, and the tutorial's server refuses it without one. Nothing of the user's is sent before. Runs on the loop's
 * thread.
 *
 * <p>A peer that answers without an id is believed to be plain only when it has ended the connection, or has sent
 * nothing more for a moment: one that speaks unasked sends its real answer behind the first message.
 */
final class PeerDiscovery {
    /** The one request of a connection that has no other before it. */
    static final long ID = 1;

    /** How long a peer that has answered without an id may take to end the connection, or to send more. */
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

    /** Every server answers at once: a silent one hangs, and calls without a deadline must not wait with it. */
    Message ask(Runnable whenSilent) {
        timer = loop.scheduleResponsive(patience, whenSilent);
        return QUESTION;
    }

    /** What to say of a peer that was silent for so long. */
    String silence() {
        return "it accepted the connection, and was silent for " + Durations.text(patience)
                + " (ping-interval, ping-timeout)";
    }

    /** An answer without an id has come. */
    void answeredPlainly(Runnable whenNothingMoreCame) {
        stop();
        timer = loop.schedule(PLAIN_GRACE, whenNothingMoreCame);
    }

    /** It is known who the peer is, or the connection is over. */
    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
