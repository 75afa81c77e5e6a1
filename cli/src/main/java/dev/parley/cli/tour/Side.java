package dev.parley.cli.tour;

/** An end of a connection. */
public enum Side {
    /** The end that connected. */
    CLIENT,
    /** The end that listens and accepted. */
    SERVER
}
