package dev.parley.cli;

import java.io.IOException;

/** Thrown if standard input is closed or cannot be read. */
final class InputFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    InputFailedException(IOException cause) {
        super("cannot read standard input: " + cause.getMessage(), cause);
    }
}
