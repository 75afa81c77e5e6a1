package dev.parley.net;

import java.util.Locale;

/**
 * Why a connection closed, as a value. Exactly one is told of each connection: to {@link Receiver#closed}, to {@link
 * LoopObserver#closed}, and by {@link ConnectionInfo#closeReason}.
 */
public enum CloseReason {
    /** Our side closed it. */
    LOCAL,
    /** The peer ended the stream first: an ordinary goodbye. */
    PEER,
    /** The peer, or the network, broke it off: a reset (RFC 9293, section 3.5.2), or the system gave up. */
    RESET,
    /** No byte went either way for {@link Limits#idleTimeout}. */
    IDLE,
    /**
     * The peer took none of the bytes we had for it for {@link Limits#writeTimeout}, so it has only a part of them. A
     * TCP peer is told by a reset; a Unix socket has none, and its peer reads an end.
     */
    WRITE_TIMEOUT,
    /** The peer began a message and did not finish its header in time; told by the layer of messages. */
    HEADER_TIMEOUT,
    /** The peer began the content of a message and did not finish it in time; told by the layer of messages. */
    CONTENT_TIMEOUT,
    /** The peer owed something, said nothing, and did not answer a ping; told by the layer of messages. */
    PING_TIMEOUT,
    /** The peer showed no credentials in time that are accepted; told by the layer of messages. */
    AUTHORIZATION_TIMEOUT,
    /**
     * It never came to be: no address of the peer took it. {@link LoopConnection#closeCause} is a {@link
     * ConnectFailedException}.
     */
    CONNECT,
    /** A limit of ours: {@link Limits#connectionsMax}, or {@link Limits#queuedBytesMax}. */
    LIMIT,
    /** The peer broke the rules of the protocol above. */
    PROTOCOL,
    /** Our own code for it threw. */
    FAILED,
    /** Its loop was closed. */
    DRAIN;

    /** {@return the name as it is logged, such as {@code write-timeout}} */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
