package dev.parley.net.accept;

import dev.parley.net.time.Ticker;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The tasks that all server channels of one loop do together, once an hour. Used on the loop's thread. */
final class HourlyTasks {
    private static final long PERIOD_NANOS = Duration.ofHours(1).toNanos();

    private final Ticker ticker;
    private final HandshakePoller poller;
    private final Set<HandshakeServerChannel> channels = new LinkedHashSet<>();
    private long dueNanos;

    HourlyTasks(Ticker ticker, HandshakePoller poller) {
        this.ticker = ticker;
        this.poller = poller;
    }

    void add(HandshakeServerChannel channel) {
        if (channels.isEmpty()) {
            dueNanos = ticker.nanos() + PERIOD_NANOS;
        }
        channels.add(channel);
    }

    void remove(HandshakeServerChannel channel) {
        channels.remove(channel);
    }

    long untilDue(long timeoutNanos) {
        return channels.isEmpty() || !ticker.passesByItself()
                ? timeoutNanos
                : Math.clamp(dueNanos - ticker.nanos(), 0, timeoutNanos);
    }

    void runDue() {
        if (!channels.isEmpty() && dueNanos - ticker.nanos() <= 0) {
            dueNanos = ticker.nanos() + PERIOD_NANOS;
            List.copyOf(channels).forEach(each -> each.hourly(poller));
        }
    }
}
