package dev.parley.net;

import java.util.Locale;

/**
 * A close reason says why a connection closed. Each connection has exactly one: {@link Receiver#closed} and {@link
 * LoopObserver#closed} are called with it, and {@link ConnectionInfo#closeReason} returns it.
 */
public enum CloseReason {
    /** Our side closed it. */
    LOCAL,
    /** The peer ended the stream first, which is an ordinary end. */
    PEER,
    /** The peer or the network broke it off: there was a reset (RFC 9293, section 3.5.2), or the system gave up. */
    RESET,
    /** No byte went either way for {@link Limits#idleTimeout}. */
    IDLE,
    /**
     * The peer took none of the bytes we had for it for {@link Limits#writeTimeout}, so it has only a part of them. A
     * TCP peer gets a reset; a Unix socket has none, so its peer reads the end of the stream.
     */
    WRITE_TIMEOUT,
    /** The peer began a message and did not finish its header in time; a protocol above sets it. */
    HEADER_TIMEOUT,
    /** The peer began the content of a message and did not finish it in time; a protocol above sets it. */
    CONTENT_TIMEOUT,
    /** The peer owed us something, sent nothing, and did not answer a ping; a protocol above sets it. */
    PING_TIMEOUT,
    /** The peer showed no accepted credentials in time; a protocol above sets it. */
    AUTHORIZATION_TIMEOUT,
    /**
     * It was never established: no address of the peer took it. {@link LoopConnection#closeCause} is a {@link
     * ConnectFailedException}.
     */
    CONNECT,
    /** It met a limit of ours: {@link Limits#connectionsMax}, or {@link Limits#queuedBytesMax}. */
    LIMIT,
    /** The peer broke the rules of the protocol above. */
    PROTOCOL,
    /** Our own code threw while it served this connection. */
    FAILED,
    /** Its loop was closed. */
    DRAIN;

    /** {@return the name as it is logged, such as {@code write-timeout}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
