package dev.parley.net;

import dev.parley.net.core.CoreObserver;
import dev.parley.net.text.SafeText;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Calls the user's observer for a loop, and logs the exceptions that the observer throws. */
final class GuardedObserver implements LoopObserver, CoreObserver {
    private final LoopObserver observer;
    private final boolean seesTraffic;

    GuardedObserver(LoopObserver observer) {
        this.observer = observer;
        this.seesTraffic = observer.seesTraffic();
    }

    private void guard(String event, Runnable tell) {
        try {
            tell.run();
        } catch (Throwable thrown) {
            logQuietly(event, thrown);
        }
    }

    /**
     * Logs the exception if that is possible. The loop goes on even if logging fails, for lack of memory or
     * descriptors.
     */
    private static void logQuietly(String event, Throwable thrown) {
        try {
            LoopObserver.logging().failed("the observer threw in " + event, thrown);
        } catch (Throwable nothingWorks) {
            return;
        }
    }

    @Override
    public boolean seesTraffic() {
        return seesTraffic;
    }

    @Override
    public void bound(Address address, SocketOptions options) {
        guard("bound", () -> observer.bound(address, options));
    }

    @Override
    public void listening(Address address, SocketOptions options) {
        guard("listening", () -> observer.listening(address, options));
    }

    @Override
    public void stoppedListening(Address address) {
        guard("stoppedListening", () -> observer.stoppedListening(address));
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        guard("accepted", () -> observer.accepted(listening, connection));
    }

    @Override
    public void refused(Address listening, Address peer, IOException cause) {
        guard("refused", () -> observer.refused(listening, peer, cause));
    }

    @Override
    public void acceptFailed(Address listening, IOException cause) {
        guard("acceptFailed", () -> observer.acceptFailed(listening, cause));
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        guard("connecting", () -> observer.connecting(connection, endpoint));
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        guard("connectAttemptFailed", () -> observer.connectAttemptFailed(connection, endpoint, cause));
    }

    @Override
    public void connected(ConnectionInfo connection) {
        guard("connected", () -> observer.connected(connection));
    }

    @Override
    public void received(ConnectionInfo connection, ByteBuffer bytes) {
        guard("received", () -> observer.received(connection, bytes));
    }

    @Override
    public void sent(ConnectionInfo connection, ByteBuffer bytes) {
        guard("sent", () -> observer.sent(connection, bytes));
    }

    /** Notifies an observer that the bytes between a start and the position were sent. */
    static void notifySent(LoopObserver observer, ConnectionInfo connection, ByteBuffer bytes, int start) {
        if (observer.seesTraffic()) {
            observer.sent(
                    connection, bytes.slice(start, bytes.position() - start).asReadOnlyBuffer());
        }
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        guard("peerEnded", () -> observer.peerEnded(connection));
    }

    @Override
    public void outputEnded(ConnectionInfo connection) {
        guard("outputEnded", () -> observer.outputEnded(connection));
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        guard("closed", () -> observer.closed(connection, reason, cause));
    }

    @Override
    public boolean tracesMessages() {
        try {
            return observer.tracesMessages();
        } catch (Throwable thrown) {
            logQuietly("tracesMessages", thrown);
            return false;
        }
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        guard("traced", () -> observer.traced(connection, line));
    }

    @Override
    public void warned(String message) {
        guard("warned", () -> observer.warned(SafeText.line(message)));
    }

    @Override
    public void reloaded(String message) {
        guard("reloaded", () -> observer.reloaded(SafeText.line(message)));
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        guard("servesInstead", () -> observer.servesInstead(message, listening));
    }

    @Override
    public void failed(String where, Throwable cause) {
        guard("failed", () -> observer.failed(SafeText.line(where), cause));
    }
}
