package dev.parley.net.accept;

import dev.parley.net.text.Durations;
import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of an accepted connection. The connection is reported to the listener when the handshake has ended, so
 * the listener knows the peer, and a peer that does not finish takes no place. Used on the loop's thread.
 */
public abstract class AcceptedHandshake implements Comparable<AcceptedHandshake> {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final HandshakePoller poller;
    private final HandshakeServerChannel listener;
    private final AcceptSink sink;
    private final Channel below;
    private final long number = NUMBERS.incrementAndGet();
    private final long deadlineNanos;
    private boolean hasBytes;

    /**
     * Makes a handshake, whose time begins now.
     *
     * @param poller the poller of the loop that the connection belongs to
     * @param listener where the connection was accepted
     * @param sink is called when the handshake has ended
     * @param below the connection
     */
    protected AcceptedHandshake(
            HandshakePoller poller, HandshakeServerChannel listener, AcceptSink sink, Channel below) {
        this.poller = poller;
        this.listener = listener;
        this.sink = sink;
        this.below = below;
        deadlineNanos = poller.ticker().nanos() + Durations.nanos(listener.handshakeTimeout());
    }

    /** Closes the connection at once. */
    protected void reset() {
        below.reset();
    }

    /**
     * {@return the error for a handshake that was not ended}
     *
     * @param why why it was ended, in words
     */
    protected abstract IOException unfinished(String why);

    /** Counts this handshake as under way. Called once, before its first byte. */
    public final void begin() {
        poller.handshakes().add(this);
    }

    /** Called when the handshake waits for a step of this side, which another thread does. */
    public final void workBegins() {
        listener.limit().workBegins();
    }

    /** Called when that step has ended. Any thread may call this. */
    public final void workEnds() {
        listener.limit().workEnds();
    }

    /** Called when the peer has sent something. */
    public final void hasBytes() {
        hasBytes = true;
    }

    /**
     * Reports the connection to the listener, because the handshake has succeeded.
     *
     * @param established the channel that the listener gets
     * @return the sink that the channel calls
     */
    public final ChannelSink established(Channel established) {
        end();
        return sink.accepted(established);
    }

    /**
     * Ends the handshake, because it has failed. A peer that connects and ends without a byte is not reported: it only
     * looks whether the port is open.
     *
     * @param cause what was wrong
     */
    public final void failed(IOException cause) {
        end();
        if (hasBytes) {
            sink.refused(below.peerAddress(), below.claimedAddress(), cause);
        }
        below.close();
    }

    HandshakeServerChannel listener() {
        return listener;
    }

    /** The time by which the handshake must have ended, by the loop's ticker. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    void endAfterDeadline() {
        endUnfinished("it was not ended within " + Durations.text(listener.handshakeTimeout()));
    }

    /** Ends a handshake that takes too long. */
    void endUnfinished(String why) {
        drop();
        sink.refused(below.peerAddress(), below.claimedAddress(), unfinished(why));
    }

    /** Ends a handshake without a report. */
    void drop() {
        end();
        reset();
    }

    private void end() {
        poller.handshakes().remove(this);
    }

    @Override
    public final int compareTo(AcceptedHandshake other) {
        long difference = deadlineNanos - other.deadlineNanos; // the clock may overflow, so only the difference counts
        return difference == 0 ? Long.compare(number, other.number) : Long.signum(difference);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // each handshake has its own number
    public final boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(number);
    }
}
