package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.Heartbeat;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import dev.parley.net.time.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Finds, by pings, a client that vanishes while something is done for it. For an idle client there is the idle timeout.
 * Runs on the loop's thread.
 */
final class ClientLiveness implements Heartbeat.Line {
    private final LoopConnection connection;
    private final MessageLimits limits;
    private final MessageOutput output;
    private final Session session;

    /** Null until it is needed: most connections never need one. */
    private @Nullable Heartbeat heartbeat;

    private @Nullable Timer signOfLife;
    private int pingsUnanswered;

    /** The session of the connection, as its liveness sees it. */
    interface Session {
        /** Returns true if something is being done for the client. */
        boolean isWorking();

        /** Returns true if what the client sends is read. */
        boolean isReading();

        /** Returns true if bytes of the client were received and are not taken, since no further request may start. */
        boolean isHoldingBack();

        /**
         * Returns true if the client has ended its direction: it cannot answer a ping any more, and may still wait for
         * what it asked for.
         */
        boolean hasEnded();

        /** Closes the connection, as the client has vanished. */
        void lost();
    }

    ClientLiveness(LoopConnection connection, MessageLimits limits, MessageOutput output, Session session) {
        this.connection = connection;
        this.limits = limits;
        this.output = output;
        this.session = session;
    }

    /** Starts to watch the client, as something is begun for it. */
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

    /**
     * Takes note that nothing of the client's is read for now. The client's pings would wait behind its requests, and
     * it would take us for lost: so it is sent signs of life while that lasts.
     */
    void holdsBack() {
        if (signOfLife == null) {
            signOfLife = connection.loop().schedule(limits.pingTimeout().dividedBy(2), this::giveSignOfLife);
        }
    }

    private void giveSignOfLife() {
        signOfLife = null;
        if (!session.isHoldingBack()) {
            return;
        }
        if (connection.queuedBytes() == 0) {
            output.put(ControlFrames.of(ControlFrames.PONG, Header.NO_ID));
            output.flush();
        }
        holdsBack();
    }

    void stop() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
        if (signOfLife != null) {
            signOfLife.cancel();
        }
    }

    @Override
    public boolean isWaiting() {
        return session.isWorking();
    }

    /** Returns false also while bytes are queued: a peer that takes none of them has the write timeout. */
    @Override
    public boolean isReading() {
        return session.isReading() && !session.hasEnded() && connection.queuedBytes() == 0;
    }

    /** Takes a pong. Returns true if we had asked for it. */
    boolean isAnswer() {
        return pingsUnanswered > 0 && pingsUnanswered-- > 0;
    }

    @Override
    public void ping() {
        pingsUnanswered++;
        output.put(ControlFrames.of(ControlFrames.PING, Header.NO_ID));
        output.flush();
    }

    @Override
    public void lost() {
        session.lost();
    }
}
