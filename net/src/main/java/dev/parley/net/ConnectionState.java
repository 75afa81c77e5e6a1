package dev.parley.net;

/**
 * The state of a connection. It only ever moves down this list, and may skip states. The states of TCP itself are in
 * RFC 9293, section 3.3.2.
 */
public enum ConnectionState {
    /** The connect is under way; what is sent is queued. */
    CONNECTING,
    /** Both directions are open. */
    OPEN,
    /** One direction has ended: ours after {@code shutdownOutput}, the peer's after its end of stream. */
    HALF_CLOSED,
    /** Closing: queued bytes still go out, what arrives is dropped. */
    CLOSING,
    /** Closed, with a {@link CloseReason}. */
    CLOSED
}
