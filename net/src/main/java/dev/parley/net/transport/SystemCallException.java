package dev.parley.net.transport;

import java.io.IOException;

/**
 * A system call that failed, with the number of errno(3): what a transport that makes its own calls gives as the cause
 * of what it throws, so that nobody has to read the words, which are of the system's language.
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
