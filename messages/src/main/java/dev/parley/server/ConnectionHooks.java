package dev.parley.server;

import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopObserver;
import java.util.List;
import java.util.function.Consumer;

/**
 * The functions of an application that are called when a client connects and disconnects. Called on the loop's thread
 * of the connection.
 *
 * @param connected called when a client has connected, before its first request
 * @param disconnected called when a connection has ended
 * @param observer is notified of the exceptions that they throw
 */
public record ConnectionHooks(
        List<Consumer<ConnectionInfo>> connected, List<Consumer<ConnectionInfo>> disconnected, LoopObserver observer) {
    void connected(ConnectionInfo connection) {
        call(connected, connection, "connected");
    }

    void disconnected(ConnectionInfo connection) {
        call(disconnected, connection, "disconnected");
    }

    private void call(List<Consumer<ConnectionInfo>> hooks, ConnectionInfo connection, String when) {
        for (Consumer<ConnectionInfo> hook : hooks) {
            try {
                hook.accept(connection);
            } catch (Throwable thrown) {
                observer.failed(
                        "what was to run when connection " + connection.id() + " with " + connection.peerText()
                                + " had " + when,
                        thrown);
            }
        }
    }
}
