package dev.parley.cli.program;

/** Thrown if a program cannot be compiled, started or made; the message is one sentence for its author. */
public final class ProgramException extends Exception {
    private static final long serialVersionUID = 1L;

    ProgramException(String message) {
        super(message);
    }

    ProgramException(String message, Throwable cause) {
        super(message, cause);
    }
}
