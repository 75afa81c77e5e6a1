package dev.parley.net.transport;

import java.io.IOException;

/**
 * Thrown if a system call fails, with the number of errno(3). A transport that makes its own calls gives it as the
 * cause of what it throws, so that no one has to parse the words, which are in the system's language.
 */
public final class SystemCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    /**
     * Says which call failed, and how.
     *
     * @param call its name, such as {@code connect}
     * @param errno the number of errno(3)
     * @param text what errno(3) calls it
     */
    public SystemCallException(String call, int errno, String text) {
        super(call + ": " + text);
        this.call = call;
        this.errno = errno;
    }

    /** {@return the name of the call, such as {@code connect}} */
    public String call() {
        return call;
    }

    /** {@return the number of errno(3)} */
    public int errno() {
        return errno;
    }
}
