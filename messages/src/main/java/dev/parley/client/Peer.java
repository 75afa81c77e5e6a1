package dev.parley.client;

/** What is known of who has accepted a connection. */
enum Peer {
    /** It has not answered yet. */
    UNKNOWN,
    /** It knows the keys of the protocol: many requests at once. */
    FULL,
    /** It is a server of the tutorial's: one request on each connection, with the action in its content. */
    PLAIN
}
