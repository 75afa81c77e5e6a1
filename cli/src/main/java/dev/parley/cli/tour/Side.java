package dev.parley.cli.tour;

/** Which end of a connection something happened on. */
public enum Side {
    /** The end that connected. */
    CLIENT,
    /** The end that listens and accepted. */
    SERVER
}
