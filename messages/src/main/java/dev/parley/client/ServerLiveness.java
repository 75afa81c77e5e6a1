package dev.parley.client;

import dev.parley.link.Heartbeat;
import dev.parley.net.CloseReason;

/** Detects, by pings, that the server of a connection has vanished. Runs on the loop's thread. */
final class ServerLiveness implements Heartbeat.Line {
    private final Connection connection;
    private long queuedBytes;

    /** The part of the connection that this class uses. */
    interface Connection {
        /** Returns true if the peer is known, and the connection is not over. */
        boolean isUsed();

        /** Returns the number of queued bytes, which the server has not taken. */
        long queuedBytes();

        void ping();

        void lose(String how, CloseReason reason);
    }

    ServerLiveness(Connection connection) {
        this.connection = connection;
    }

    @Override
    public boolean isWaiting() {
        return connection.isUsed();
    }

    /**
     * Returns false while bytes are queued and their number changes. Then the server is still taking these bytes, and a
     * ping may be queued behind them.
     */
    @Override
    public boolean isReading() {
        long before = queuedBytes;
        queuedBytes = connection.queuedBytes();
        return queuedBytes == 0 || queuedBytes == before;
    }

    @Override
    public void ping() {
        connection.ping();
    }

    @Override
    public void lost() {
        connection.lose(
                "the connection was lost: the server did not answer a ping (ping-timeout)", CloseReason.PING_TIMEOUT);
    }
}
