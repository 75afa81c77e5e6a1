package dev.parley.cli.tour;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopObserver;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Passes each event to two observers, first to {@code first} and then to {@code second}. */
record FanOutObserver(LoopObserver first, LoopObserver second) implements LoopObserver {
    @Override
    public boolean seesTraffic() {
        return first.seesTraffic() || second.seesTraffic();
    }

    @Override
    public void bound(Address address, SocketOptions options) {
        first.bound(address, options);
        second.bound(address, options);
    }

    @Override
    public void listening(Address address, SocketOptions options) {
        first.listening(address, options);
        second.listening(address, options);
    }

    @Override
    public void stoppedListening(Address address) {
        first.stoppedListening(address);
        second.stoppedListening(address);
    }

    @Override
    public void accepted(Address listening, ConnectionInfo connection) {
        first.accepted(listening, connection);
        second.accepted(listening, connection);
    }

    @Override
    public void acceptFailed(Address listening, IOException cause) {
        first.acceptFailed(listening, cause);
        second.acceptFailed(listening, cause);
    }

    @Override
    public void refused(Address listening, Address peer, IOException cause) {
        first.refused(listening, peer, cause);
        second.refused(listening, peer, cause);
    }

    @Override
    public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        first.connecting(connection, endpoint);
        second.connecting(connection, endpoint);
    }

    @Override
    public void connectAttemptFailed(ConnectionInfo connection, SocketAddress endpoint, IOException cause) {
        first.connectAttemptFailed(connection, endpoint, cause);
        second.connectAttemptFailed(connection, endpoint, cause);
    }

    @Override
    public void connected(ConnectionInfo connection) {
        first.connected(connection);
        second.connected(connection);
    }

    @Override
    public void received(ConnectionInfo connection, ByteBuffer bytes) {
        first.received(connection, bytes.duplicate());
        second.received(connection, bytes.duplicate());
    }

    @Override
    public void sent(ConnectionInfo connection, ByteBuffer bytes) {
        first.sent(connection, bytes.duplicate());
        second.sent(connection, bytes.duplicate());
    }

    @Override
    public void peerEnded(ConnectionInfo connection) {
        first.peerEnded(connection);
        second.peerEnded(connection);
    }

    @Override
    public void outputEnded(ConnectionInfo connection) {
        first.outputEnded(connection);
        second.outputEnded(connection);
    }

    @Override
    public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        first.closed(connection, reason, cause);
        second.closed(connection, reason, cause);
    }

    @Override
    public boolean tracesMessages() {
        return first.tracesMessages() || second.tracesMessages();
    }

    @Override
    public void traced(ConnectionInfo connection, String line) {
        first.traced(connection, line);
        second.traced(connection, line);
    }

    @Override
    public void warned(String message) {
        first.warned(message);
        second.warned(message);
    }

    @Override
    public void reloaded(String message) {
        first.reloaded(message);
        second.reloaded(message);
    }

    @Override
    public void servesInstead(String message, boolean listening) {
        first.servesInstead(message, listening);
        second.servesInstead(message, listening);
    }

    @Override
    public void failed(String where, Throwable cause) {
        first.failed(where, cause);
        second.failed(where, cause);
    }
}
