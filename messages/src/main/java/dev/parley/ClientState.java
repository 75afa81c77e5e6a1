package dev.parley;

import dev.parley.net.Address;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The state of a {@link Client}: the state of its connection or, if it has several, the best of their states. */
public enum ClientState {
    /**
     * Not connected, and nothing waits for a connection: there were no calls yet, or the server has ended a connection
     * that was young, or has refused one message on it. The next call connects.
     */
    IDLE,
    /** An attempt to connect is under way. */
    CONNECTING,
    /** Connected. Calls are sent. */
    READY,
    /**
     * The server is going away. Calls under way may finish on the old connection. The client makes another connection,
     * so this state lasts only until it begins to connect or to wait.
     */
    DRAINING,
    /**
     * The client waits a random time before its next attempt to connect, since an attempt has failed, the connection
     * was lost, or the server is going away and there is no other address. It also waits if the servers of all
     * addresses go away as soon as it has connected.
     */
    BACKING_OFF,
    /** Closed permanently. */
    CLOSED;

    /**
     * A change of a client's state, and its reason. The client's loop creates it; any thread may read it.
     *
     * @param state the new state
     * @param address the address that the change is about: where the client connects, is connected, or could not
     *     connect
     * @param cause why a connection was lost or could not be made; null if nothing has failed, as when a server that
     *     was useful is going away
     * @param delay the time until the next attempt to connect, if the state is {@link #BACKING_OFF}; otherwise zero
     */
    public record Change(
            ClientState state, Address address, @Nullable Throwable cause, Duration delay) {}
}
