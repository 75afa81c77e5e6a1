package dev.parley.net.transport;

/** The state of the file by which clients find a listening endpoint: that of a Unix socket. */
public enum EndpointFile {
    /** The endpoint has no file, or this channel does not look after it. */
    NONE,

    /** It is where it was made. */
    PRESENT,

    /** Nothing is there. */
    GONE,

    /** Something else is there, such as the socket of another server. */
    REPLACED
}
