package dev.parley.client;

/** The kind of the peer of a connection, as far as it is known. */
enum Peer {
    /** It has not answered yet. */
    UNKNOWN,
    /** It knows the keys of the protocol: it takes many requests at once. */
    FULL,
    /** It is the tutorial's server: it takes one request on each connection, with the action in its content. */
    PLAIN
}
