package dev.parley.net;

import java.util.Locale;

/** Why a connection closed, as a value. */
public enum CloseReason {
    /** Our side closed it. */
    LOCAL,
    /** The peer ended the stream first: an ordinary goodbye. */
    PEER,
    /** The peer, or the network, broke it off. */
    RESET,
    /** No byte went either way for the idle timeout. */
    IDLE,
    /** The peer took none of the bytes we had for it for the write timeout. */
    WRITE_TIMEOUT,
    /** The peer began a message and did not finish its header in time. */
    HEADER_TIMEOUT,
    /** The peer began the content of a message and did not finish it in time. */
    CONTENT_TIMEOUT,
    /** It never came to be: no address of the peer took it. */
    CONNECT,
    /** A limit of ours: too many connections, or too many bytes queued. */
    LIMIT,
    /** The peer broke the rules of the protocol above. */
    PROTOCOL,
    /** Our own code for it threw. */
    FAILED,
    /** Its loop was closed. */
    DRAIN;

    /** The name as it is logged, such as {@code write-timeout}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
