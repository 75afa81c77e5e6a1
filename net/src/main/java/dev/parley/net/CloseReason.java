package dev.parley.net;

import java.util.Locale;

/**
 * A close reason says why a connection closed. Each connection has exactly one: {@link Receiver#closed} and {@link
 * LoopObserver#closed} are called with it, and {@link ConnectionInfo#closeReason} returns it.
 */
public enum CloseReason {
    /** Our side closed the connection. */
    LOCAL,
    /** The peer ended the stream first, which is an ordinary end. */
    PEER,
    /**
     * The peer or the network broke the connection off: there was a reset (RFC 9293, section 3.5.2), or the system gave
     * up.
     */
    RESET,
    /**
     * The peer ended the stream without the end of TLS (close_notify), so bytes may be missing (RFC 8446, section 6.1).
     * {@link LoopConnection#closeCause} is a {@link dev.parley.net.tls.TlsException}.
     */
    TRUNCATED,
    /**
     * The peer broke a rule of TLS, or did not accept the certificate of this side. {@link LoopConnection#closeCause}
     * is a {@link dev.parley.net.tls.TlsException}.
     */
    TLS,
    /** No byte was sent or received for {@link Limits#idleTimeout}. */
    IDLE,
    /**
     * The peer took none of the bytes that we had for it for {@link Limits#writeTimeout}, so it has got only a part of
     * them. A TCP peer gets a reset. Unix sockets have no reset, so the peer of a Unix socket reads the end of the
     * stream.
     */
    WRITE_TIMEOUT,
    /**
     * The peer began a message and did not finish its header in time. The protocol that uses the connection sets this
     * reason.
     */
    HEADER_TIMEOUT,
    /**
     * The peer began the content of a message and did not finish it in time. The protocol that uses the connection sets
     * this reason.
     */
    CONTENT_TIMEOUT,
    /**
     * The peer owed us a message, sent nothing, and did not answer a ping. The protocol that uses the connection sets
     * this reason.
     */
    PING_TIMEOUT,
    /** The peer showed no accepted credentials in time. The protocol that uses the connection sets this reason. */
    AUTHORIZATION_TIMEOUT,
    /**
     * The connection was never established: the name was not resolved, or no address of the peer accepted the
     * connection in time. {@link LoopConnection#closeCause} is a {@link ConnectFailedException}.
     */
    CONNECT,
    /**
     * The connection exceeded a limit of our side: {@link Limits#connectionsMax}, {@link Limits#queuedBytesMax}, the
     * {@link MemoryCap}, the memory that the transport may take, or a limit of the layer above ({@link
     * Receiver#refusal}).
     */
    LIMIT,
    /** The peer broke the rules of the protocol that uses the connection. That protocol sets this reason. */
    PROTOCOL,
    /** Code of our side threw an exception while it served this connection. */
    FAILED,
    /** The loop of the connection was closed. */
    DRAIN;

    /** {@return the name as it is logged, such as {@code write-timeout}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
