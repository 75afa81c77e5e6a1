package dev.parley.cli.program;

/**
 * Thrown if a program cannot be compiled or started, or a project cannot be created. The message is one sentence for
 * the author of the program.
 */
public final class ProgramException extends Exception {
    private static final long serialVersionUID = 1L;

    ProgramException(String message) {
        super(message);
    }

    ProgramException(String message, Throwable cause) {
        super(message, cause);
    }
}
