package dev.parley.net.tls;

import dev.parley.net.text.Durations;
import dev.parley.net.tls.TlsException.Reason;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of an accepted connection. The listener hears of the connection when the handshake has ended, so it
 * knows who the peer is, and peers that do not finish cost no place. Used on the loop's thread.
 */
final class AcceptedHandshake implements Comparable<AcceptedHandshake> {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final TlsPoller poller;
    private final TlsServerChannel listener;
    private final AcceptSink sink;
    private final Channel below;
    private final long number = NUMBERS.incrementAndGet();
    private final long deadlineNanos;
    private @Nullable TlsChannel channel;
    private boolean hasBytes;

    AcceptedHandshake(TlsPoller poller, TlsServerChannel listener, AcceptSink sink, Channel below) {
        this.poller = poller;
        this.listener = listener;
        this.sink = sink;
        this.below = below;
        deadlineNanos =
                poller.ticker().nanos() + listener.tls().handshakeTimeout().toNanos();
    }

    void begin(TlsChannel of) {
        channel = of;
        poller.add(this);
        listener.add(this);
    }

    /** By when the handshake must have ended, by the loop's ticker. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    /** Called when the peer has sent something. */
    void hasBytes() {
        hasBytes = true;
    }

    /** The peers have agreed: the listener gets the connection. Returns the sink that its channel calls. */
    ChannelSink established(TlsChannel established) {
        end();
        return sink.accepted(established);
    }

    /**
     * The handshake has failed. A peer that connects and ends without a byte is not reported: it only looks whether the
     * port is open.
     */
    void failed(IOException cause) {
        end();
        if (hasBytes) {
            sink.handshakeFailed(below.peerAddress(), cause);
        }
        below.close();
    }

    void endAfterDeadline() {
        endUnfinished("it was not ended within " + Durations.text(listener.tls().handshakeTimeout()));
    }

    /** Ends a handshake that takes too long. */
    void endUnfinished(String why) {
        drop();
        sink.handshakeFailed(
                below.peerAddress(), new TlsException(Reason.HANDSHAKE_TIMEOUT, "the handshake was given up: " + why));
    }

    /** Ends a handshake without a report, because the listener was closed. */
    void drop() {
        end();
        if (channel != null) {
            channel.reset();
        }
    }

    private void end() {
        poller.remove(this);
        listener.remove(this);
    }

    @Override
    public int compareTo(AcceptedHandshake other) {
        long difference = deadlineNanos - other.deadlineNanos; // the clock may overflow, so only the difference counts
        return difference == 0 ? Long.compare(number, other.number) : Long.signum(difference);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // each handshake has its own number
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(number);
    }
}
