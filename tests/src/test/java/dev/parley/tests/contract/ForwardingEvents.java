package dev.parley.tests.contract;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.LoopObserver;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Passes on what a census counts, so that a test can listen to the rest. */
public interface ForwardingEvents extends LoopObserver {
    /** {@return who is told} */
    LoopObserver to();

    @Override
    default void accepted(Address listening, ConnectionInfo connection) {
        to().accepted(listening, connection);
    }

    @Override
    default void connecting(ConnectionInfo connection, SocketAddress endpoint) {
        to().connecting(connection, endpoint);
    }

    @Override
    default void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
        to().closed(connection, reason, cause);
    }

    @Override
    default void warned(String message) {
        to().warned(message);
    }

    @Override
    default void failed(String where, Throwable cause) {
        to().failed(where, cause);
    }
}
