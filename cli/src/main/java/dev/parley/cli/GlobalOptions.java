package dev.parley.cli;

/** The part of the root command that every command uses. */
interface GlobalOptions {
    /** Returns the streams of the command. */
    Io io();

    /** Returns true if the command reports the events of its connections (--verbose). */
    boolean verbose();
}
