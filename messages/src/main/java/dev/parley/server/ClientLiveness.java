package dev.parley.server;

import dev.parley.MessageLimits;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.link.Heartbeat;
import dev.parley.link.MessageOutput;
import dev.parley.net.LoopConnection;
import dev.parley.net.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Finds a client that vanishes while something is done for it, by pings; one that is idle has the idle timeout. Runs on
 * the loop's thread.
 */
final class ClientLiveness implements Heartbeat.Line {
    private final LoopConnection connection;
    private final MessageLimits limits;
    private final MessageOutput output;
    private final Session session;

    /** Most connections never need one. */
    private @Nullable Heartbeat heartbeat;

    private @Nullable Timer signOfLife;
    private int pingsUnanswered;

    /** The session. */
    interface Session {
        /** Whether something is done for the client. */
        boolean isWorking();

        /** Whether what it sends is read. */
        boolean isReading();

        /** Whether something of its lies here and is not read, since nothing further may start. */
        boolean isHoldingBack();

        /** Whether it has ended its direction: it cannot answer any more, and may wait for what it asked. */
        boolean hasEnded();

        /** It has vanished. */
        void lost();
    }

    ClientLiveness(LoopConnection connection, MessageLimits limits, MessageOutput output, Session session) {
        this.connection = connection;
        this.limits = limits;
        this.output = output;
        this.session = session;
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

    /**
     * Nothing of the client's is read for now. Its pings would lie behind the requests that wait, and it would hold us
     * to be lost: so it is told that we live, while that lasts.
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

    /** A peer that takes none of our bytes has the write timeout. */
    @Override
    public boolean isReading() {
        return session.isReading() && !session.hasEnded() && connection.queuedBytes() == 0;
    }

    /** A pong came; whether it was asked for. */
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
