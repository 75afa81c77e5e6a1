package dev.parley.net.accept;

import dev.parley.net.time.Ticker;
import java.util.TreeSet;

/** The handshakes of accepted connections that are under way in one loop. Used on the loop's thread. */
final class Handshakes {
    private final Ticker ticker;

    /** The one that must end first is in front. */
    private final TreeSet<AcceptedHandshake> underWay = new TreeSet<>();

    /** The number of handshakes under way, as other threads may read it. */
    private volatile int count;

    Handshakes(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Adds one. Ends the oldest one of the same endpoint if there are too many. */
    void add(AcceptedHandshake handshake) {
        HandshakeLimit limit = handshake.listener().limit();
        if (limit.exceededByOneMore()) {
            underWay.stream()
                    .filter(each -> each.listener().limit() == limit)
                    .findFirst()
                    .ifPresent(oldest -> oldest.endUnfinished("it was the oldest of more than " + limit.max()
                            + " handshakes under way, which is the limit"));
        }
        underWay.add(handshake);
        count = underWay.size();
    }

    /** Returns how many are under way. Any thread may call this. */
    int count() {
        return count;
    }

    void remove(AcceptedHandshake handshake) {
        if (underWay.remove(handshake)) {
            count = underWay.size();
            handshake.listener().limit().oneLess();
        }
    }

    /** Ends all handshakes of an endpoint without a report, because its listener was closed. */
    void drop(HandshakeLimit of) {
        underWay.stream().filter(each -> each.listener().limit() == of).toList().forEach(AcceptedHandshake::drop);
    }

    long untilFirstDeadline(long timeoutNanos) {
        return underWay.isEmpty() || !ticker.passesByItself()
                ? timeoutNanos
                : Math.clamp(underWay.first().deadlineNanos() - ticker.nanos(), 0, timeoutNanos);
    }

    void endOverdue() {
        while (!underWay.isEmpty() && underWay.first().deadlineNanos() - ticker.nanos() <= 0) {
            underWay.first().endAfterDeadline();
        }
    }
}
