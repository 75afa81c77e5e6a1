package dev.parley.net;

/**
 * The state of a connection. The state only moves down this list, and may skip states. The states of TCP itself are in
 * RFC 9293, section 3.3.2.
 */
public enum ConnectionState {
    /** The connect is under way; bytes that are sent are queued. */
    CONNECTING,
    /** Both directions are open. */
    OPEN,
    /** One direction has ended: ours after {@code shutdownOutput}, the peer's after its end of stream. */
    HALF_CLOSED,
    /** A close has begun: queued bytes are still sent, and bytes that arrive are dropped. */
    CLOSING,
    /** The connection is closed, and has a {@link CloseReason}. */
    CLOSED
}
