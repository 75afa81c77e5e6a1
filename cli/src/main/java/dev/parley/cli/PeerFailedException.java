package dev.parley.cli;

import java.io.IOException;

/** Thrown if the peer did not behave as this command needs. The exit status says what was wrong. */
final class PeerFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    PeerFailedException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    PeerFailedException(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
