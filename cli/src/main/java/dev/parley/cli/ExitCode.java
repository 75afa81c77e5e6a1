package dev.parley.cli;

import dev.parley.net.CloseReason;

/** The exit statuses of all commands. */
final class ExitCode {
    static final int OK = 0;
    static final int ERROR_RESPONSE = 1;
    static final int USAGE = 2;
    static final int CANNOT_CONNECT_OR_BIND = 3;
    static final int TIMEOUT = 4;
    static final int NOT_ALLOWED = 5;
    static final int PROTOCOL = 6;

    /** The status that shells report for a program that was ended by SIGPIPE. */
    static final int READER_GONE = 141;

    /** The status of a process that was ended by SIGTERM. */
    static final int BY_SIGTERM = 143;

    /** The text about exit statuses for the help pages. */
    static final String TEXT = """
            Exit status: 0 ok, 1 error response (or a file that cannot be written, standard input or \
            output that fails), 2 usage (also an input file that cannot be read), \
            3 cannot connect or bind, 4 timeout, 5 not authorized, 6 protocol error, \
            130 interrupted, \
            141 the reader of the output has gone, 143 by SIGTERM.""";

    private ExitCode() {}

    /** Returns the exit status of a command whose connection closed for this reason. */
    static int of(CloseReason reason) {
        return switch (reason) {
            case IDLE, WRITE_TIMEOUT, HEADER_TIMEOUT, CONTENT_TIMEOUT -> TIMEOUT;
            case TLS -> CANNOT_CONNECT_OR_BIND;
            default -> PROTOCOL;
        };
    }
}
