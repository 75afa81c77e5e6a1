package dev.parley.net;

import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Stands between a loop and the user's listener: what the listener throws is logged and goes no further. */
final class GuardedEvents implements Events {
    private final Events listener;
    private final boolean seesTraffic;

    GuardedEvents(Events listener) {
        this.listener = listener;
        this.seesTraffic = listener.seesTraffic();
    }

    private void guard(String event, Runnable tell) {
        try {
            tell.run();
        } catch (Throwable thrown) {
            logQuietly(event, thrown);
        }
    }

    /** Where not even logging works, for lack of memory or descriptors, the loop still goes on. */
    private static void logQuietly(String event, Throwable thrown) {
        try {
            Events.logging().failed("the events listener threw in " + event, thrown);
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
        guard("bound", () -> listener.bound(address, options));
    }

    @Override
    public void listening(Address address, SocketOptions options) {
        guard("listening", () -> listener.listening(address, options));
    }

    @Override
    public void stoppedListening(Address address) {
        guard("stoppedListening", () -> listener.stoppedListening(address));
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        guard("accepted", () -> listener.accepted(listening, connection));
    }

    @Override
    public void acceptFailed(Address listening, IOException cause) {
        guard("acceptFailed", () -> listener.acceptFailed(listening, cause));
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        guard("connecting", () -> listener.connecting(connection, endpoint));
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        guard("connectAttemptFailed", () -> listener.connectAttemptFailed(connection, endpoint, cause));
    }

    @Override
    public void connected(ConnectionInfo connection) {
        guard("connected", () -> listener.connected(connection));
    }

    @Override
    public void received(ConnectionInfo connection, ByteBuffer bytes) {
        guard("received", () -> listener.received(connection, bytes));
    }

    @Override
    public void sent(ConnectionInfo connection, ByteBuffer bytes) {
        guard("sent", () -> listener.sent(connection, bytes));
    }

    /** Tells a listener that the bytes between a start and the position were sent. */
    static void tellSent(Events events, ConnectionInfo connection, ByteBuffer bytes, int start) {
        if (events.seesTraffic()) {
            events.sent(connection, bytes.slice(start, bytes.position() - start).asReadOnlyBuffer());
        }
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        guard("peerEnded", () -> listener.peerEnded(connection));
    }

    @Override
    public void outputEnded(ConnectionInfo connection) {
        guard("outputEnded", () -> listener.outputEnded(connection));
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        guard("closed", () -> listener.closed(connection, reason, cause));
    }

    @Override
    public boolean tracesMessages() {
        try {
            return listener.tracesMessages();
        } catch (Throwable thrown) {
            logQuietly("tracesMessages", thrown);
            return false;
        }
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        guard("traced", () -> listener.traced(connection, line));
    }

    @Override
    public void warned(String message) {
        guard("warned", () -> listener.warned(Escaped.line(message)));
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        guard("servesInstead", () -> listener.servesInstead(message, listening));
    }

    @Override
    public void failed(String where, Throwable cause) {
        guard("failed", () -> listener.failed(Escaped.line(where), cause));
    }
}
