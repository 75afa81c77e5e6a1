package dev.parley.uring;

import java.io.IOException;

/** Thrown if the kernel refuses a system call for the ring itself, and not for a single connection. */
final class UringException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    UringException(String call, int errno) {
        super(call + ": " + Kernel.text(errno));
        this.errno = errno;
    }

    /** Returns the error number of errno(3). */
    int errno() {
        return errno;
    }
}
