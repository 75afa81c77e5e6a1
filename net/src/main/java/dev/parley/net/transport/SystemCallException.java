package dev.parley.net.transport;

import java.io.IOException;

/**
 * Thrown if a system call fails, with the error number of errno(3). A transport that makes its own system calls adds
 * this exception as the cause of the exceptions that it throws. So no one has to parse the messages, which are in the
 * system's language.
 */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * Creates an exception that says which system call failed, and how.
     *
     * @param call the name of the system call, such as {@code connect}
     * @param errno the error number of errno(3)
     * @param text the description of the error
     */
    public SystemCallException(String call, int errno, String text) {
        super(call + ": " + text);
        this.call = call;
        this.errno = errno;
    }

    /** {@return the name of the system call, such as {@code connect}} */
    public String call() {
        return call;
    }

    /** {@return the error number of errno(3)} */
    public int errno() {
        return errno;
    }
}
