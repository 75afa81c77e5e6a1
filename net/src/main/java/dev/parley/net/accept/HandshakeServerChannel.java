package dev.parley.net.accept;

import dev.parley.net.transport.AcceptSink;
import dev.parley.net.transport.Channel;
import dev.parley.net.transport.ChannelSink;
import dev.parley.net.transport.EndpointFile;
import dev.parley.net.transport.ServerChannel;
import java.net.SocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A server channel whose connections begin with a handshake, and are reported when it has ended. It is registered with
 * a {@link HandshakePoller}.
 */
public abstract class HandshakeServerChannel implements ServerChannel {
    private final ServerChannel below;
    private final HandshakeLimit limit;

    /** The poller of the loop; null before it is registered. */
    private volatile @Nullable HandshakePoller poller;

    private boolean wantsAccept = true;

    /**
     * Makes a server channel.
     *
     * @param below the channel that accepts the connections
     * @param limit bounds how many handshakes are under way
     */
    protected HandshakeServerChannel(ServerChannel below, HandshakeLimit limit) {
        this.below = below;
        this.limit = limit;
    }

    /** {@return how long a handshake may take} */
    protected abstract Duration handshakeTimeout();

    /**
     * Begins the handshake of an accepted connection.
     *
     * @param with the poller of the loop that the connection belongs to
     * @param channel the connection, which is not read yet
     * @param sink is called when the handshake has ended
     * @return the sink that the connection calls
     */
    protected abstract ChannelSink begin(HandshakePoller with, Channel channel, AcceptSink sink);

    /**
     * Called when this channel is registered with a poller.
     *
     * @param with the poller
     */
    protected void registered(HandshakePoller with) {
        poller = with;
        limit.add(this);
        with.hourlyTasks().add(this);
    }

    /**
     * Called once an hour on the loop's thread, from the registration to the close. By default, it does nothing.
     *
     * @param with the poller
     */
    protected void hourly(HandshakePoller with) {}

    /** {@return the channel that accepts the connections} */
    protected final ServerChannel below() {
        return below;
    }

    /** {@return the limit on the handshakes that are under way} */
    protected final HandshakeLimit limit() {
        return limit;
    }

    @Override
    public final SocketAddress localAddress() {
        return below.localAddress();
    }

    @Override
    public final EndpointFile file() {
        return below.file();
    }

    @Override
    public final void wantAccept(boolean wanted) {
        wantsAccept = wanted;
        updateAccepting();
    }

    /** Accepts connections if they are wanted, and this side is not too busy with those that it has accepted. */
    private void updateAccepting() {
        below.wantAccept(wantsAccept && !limit.isBusy());
    }

    /** Does so on the loop's thread. Any thread may call this. */
    final void updateAcceptingSoon() {
        HandshakePoller with = poller;
        if (with != null) {
            with.execute(this::updateAccepting);
        }
    }

    /** Closes the channel, and the connections of this loop whose handshakes are under way. */
    @Override
    public final void close() {
        limit.remove(this);
        below.close();
        HandshakePoller with = poller;
        if (with != null) {
            with.handshakes().drop(limit);
            with.hourlyTasks().remove(this);
        }
    }
}
