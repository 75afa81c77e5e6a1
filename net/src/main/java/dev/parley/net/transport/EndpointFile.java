package dev.parley.net.transport;

/** The state of the file by which clients find a listening Unix socket. */
public enum EndpointFile {
    /** The endpoint has no file, or the server channel cannot tell the state of the file. */
    NONE,

    /** The file is where it was created. */
    PRESENT,

    /** Nothing is at the path of the file. */
    GONE,

    /** Something else is at the path of the file, such as the socket of another server. */
    REPLACED
}
