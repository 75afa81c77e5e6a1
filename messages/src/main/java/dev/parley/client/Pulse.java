package dev.parley.client;

import dev.parley.link.Heartbeat;
import dev.parley.net.CloseReason;

/** Asks the silent server of a connection whether it is still there. Runs on the loop's thread. */
final class Pulse implements Heartbeat.Line {
    private final Line line;
    private long queuedBytes;

    Pulse(Line line) {
        this.line = line;
    }

    @Override
    public boolean isWaiting() {
        return line.isUsed();
    }

    /** While the server takes what we have queued, the ping may be behind it. */
    @Override
    public boolean isReading() {
        long before = queuedBytes;
        queuedBytes = line.queuedBytes();
        return queuedBytes == 0 || queuedBytes == before;
    }

    @Override
    public void ping() {
        line.ping();
    }

    @Override
    public void lost() {
        line.lose("the connection was lost: the server did not answer a ping (ping-timeout)", CloseReason.PING_TIMEOUT);
    }
}
