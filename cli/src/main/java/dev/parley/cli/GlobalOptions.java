package dev.parley.cli;

import picocli.CommandLine;

/** The part of the root command that every command uses. */
interface GlobalOptions {
    /** Returns the streams of the command. */
    Io io();

    /** Returns true if the command reports the events of its connections (--verbose). */
    boolean verbose();

    /** Prints a failure of this command as one line, and returns the exit status for it. */
    int explain(Throwable thrown, CommandLine command);
}
