package dev.parley.cli;

import java.io.IOException;

/** The peer did not do what this command is for; the exit status says how. */
final class PeerFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    PeerFailedException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
