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
 * Detects, by pings, that a client has vanished while its requests are being handled. For an idle client, the idle
 * timeout does this. Runs on the loop's thread.
 */
final class ClientLiveness implements Heartbeat.Line {
    private final LoopConnection connection;
    private final MessageLimits limits;
    private final MessageOutput output;
    private final Callbacks session;

    /** Null until it is needed, since most connections never need one. */
    private @Nullable Heartbeat heartbeat;

    private @Nullable Timer signOfLife;
    private int pingsUnanswered;

    /** The part of the session that this class uses. */
    interface Callbacks extends HandlerExecutor.Session {
        /** Returns true if a request of the client is being handled or waits. */
        boolean isWorking();

        /** Returns true if the messages of the client are read. */
        boolean isReading();

        /**
         * Returns true if reading is paused, and bytes of the client wait unread, because no further request may start.
         */
        boolean isHoldingBack();

        /**
         * Returns true if the client has ended its direction. Then it cannot answer a ping any more, but it may still
         * wait for responses.
         */
        boolean hasEnded();

        /** Closes the connection. Called when the client has vanished. */
        void lost();
    }

    ClientLiveness(LoopConnection connection, MessageLimits limits, MessageOutput output, Callbacks session) {
        this.connection = connection;
        this.limits = limits;
        this.output = output;
        this.session = session;
    }

    /** Starts to watch the client. Called when a request of the client begins. */
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
     * Called while reading from the client is paused. A ping from the client now waits unread behind its requests, so
     * the client might conclude that the connection is lost. To prevent this, we send the client signs of life until
     * reading goes on.
     */
    void holdsBack() {
        if (signOfLife == null) {
            signOfLife = connection
                    .loop()
                    .schedule(limits.pingTimeout().dividedBy(2), () -> session.guarded(this::giveSignOfLife));
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

    /** Returns false also while bytes are queued, because then the write timeout watches the peer. */
    @Override
    public boolean isReading() {
        return session.isReading() && !session.hasEnded() && connection.queuedBytes() == 0;
    }

    /** Counts a pong. Returns true if it answers a ping that we sent. */
    boolean isAnswer() {
        return pingsUnanswered > 0 && pingsUnanswered-- > 0;
    }

    @Override
    public void ping() {
        pingsUnanswered++;
        session.guarded(() -> {
            output.put(ControlFrames.of(ControlFrames.PING, Header.NO_ID));
            output.flush();
        });
    }

    @Override
    public void lost() {
        session.lost();
    }
}
