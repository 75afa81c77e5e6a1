package dev.parley.client;

import dev.parley.link.Heartbeat;
import dev.parley.net.CloseReason;

/** Asks the silent server of a connection whether it is still there. Runs on the loop's thread. */
final class ServerLiveness implements Heartbeat.Line {
    private final Connection connection;
    private long queuedBytes;

    /** The connection whose server may be silent. */
    interface Connection {
        /** Returns true if the server is known, and the connection not over. */
        boolean isUsed();

        /** Returns how many bytes the server has not taken. */
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

    /** Returns false while the server takes what we have queued: the ping may be behind it. */
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
