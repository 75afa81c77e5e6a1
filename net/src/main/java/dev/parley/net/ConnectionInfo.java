package dev.parley.net;

import org.jspecify.annotations.Nullable;

/**
 * What may be asked of any connection from any thread: who it is and how it stands. Given by the library; nobody else
 * implements it.
 */
public interface ConnectionInfo {
    /** {@return a number of its own, rising within the process, from 1} */
    long id();

    /** {@return whether the peer connected to us; otherwise we connected to it} */
    boolean accepted();

    /** {@return our end; while connecting, the address that was asked for} */
    Address localAddress();

    /**
     * {@return the peer's end; while connecting, the address that was asked for} A Unix or {@code mem:} peer that
     * connected has no name.
     */
    Address peerAddress();

    /** {@return where it is in its life} */
    ConnectionState state();

    /** {@return why it closed; null while it has not} */
    @Nullable
    CloseReason closeReason();
}
