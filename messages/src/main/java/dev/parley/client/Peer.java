package dev.parley.client;

/** The kind of peer that a connection has. */
enum Peer {
    /** The peer has not answered yet, so its kind is not known. */
    UNKNOWN,
    /** The peer knows the keys of our protocol. It takes many requests at once on one connection. */
    FULL,
    /**
     * The peer is a server of the tutorial. It takes one request on each connection, with the action in the content.
     */
    PLAIN
}
