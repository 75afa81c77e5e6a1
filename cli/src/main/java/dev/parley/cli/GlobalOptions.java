package dev.parley.cli;

/** What every command has of the root command. */
interface GlobalOptions {
    /** Returns the streams of the command. */
    Io io();

    /** Returns true if the command reports what happens to its connections. */
    boolean verbose();
}
