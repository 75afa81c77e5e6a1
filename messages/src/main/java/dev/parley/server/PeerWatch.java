package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.link.Controls;
import dev.parley.link.Heartbeat;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import org.jspecify.annotations.Nullable;

/**
 * Finds a client that vanishes while something is done for it, by pings; one that is idle has the idle timeout. Runs on
 * the loop's thread.
 */
final class PeerWatch implements Heartbeat.Line {
    private final LoopConnection connection;
    private final MessageLimits limits;
    private final MessageOutput responses;
    private final Whom whom;

    /** Most connections never need one. */
    private @Nullable Heartbeat heartbeat;

    /** The session. */
    interface Whom {
        /** Whether something is done for the client. */
        boolean isWorking();

        /** Whether what it sends is read. */
        boolean isReading();

        /** It has vanished. */
        void lost();
    }

    PeerWatch(LoopConnection connection, MessageLimits limits, MessageOutput responses, Whom whom) {
        this.connection = connection;
        this.limits = limits;
        this.responses = responses;
        this.whom = whom;
    }

    /** Something is begun for the client. */
    void start() {
        Heartbeat now = heartbeat;
        if (now == null) {
            now = new Heartbeat(connection.loop(), limits.pingInterval(), limits.pingTimeout(), this);
            heartbeat = now;
        }
        now.start();
    }

    void heard() {
        if (heartbeat != null) {
            heartbeat.heard();
        }
    }

    void stop() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    @Override
    public boolean isWaiting() {
        return whom.isWorking();
    }

    /** A peer that takes none of our bytes has the write timeout. */
    @Override
    public boolean isReading() {
        return whom.isReading() && connection.queuedBytes() == 0;
    }

    @Override
    public void ping() {
        responses.put(Controls.of(Controls.PING, Header.NO_ID));
        responses.flush();
    }

    @Override
    public void lost() {
        whom.lost();
    }
}
