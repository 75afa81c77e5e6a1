package dev.parley.net.transport;

/** What has become of the file by which clients find a listening endpoint: that of a Unix socket. */
public enum EndpointFile {
    /** The endpoint has none, or it is not this channel's to look after. */
    NONE,

    /** It is where it was made. */
    PRESENT,

    /** Nothing is there. */
    GONE,

    /** Something else is there, such as the socket of another server. */
    REPLACED
}
