package dev.parley.net;

import org.jspecify.annotations.Nullable;

/** What may be asked of any connection from any thread: who it is and how it stands. */
public interface ConnectionInfo {
    /** A number of its own, rising within the process, from 1. */
    long id();

    /** Whether the peer connected to us; otherwise we connected to it. */
    boolean accepted();

    /** Our end; while connecting, the address that was asked for. */
    Address localAddress();

    /** The peer's end; while connecting, the address that was asked for. */
    Address peerAddress();

    /** Where it is in its life. */
    ConnectionState state();

    /** Why it closed; null while it has not. */
    @Nullable
    CloseReason closeReason();
}
