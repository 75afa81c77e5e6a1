package dev.parley.net.transport;

import java.io.IOException;

/**
 * Passed to {@link ChannelSink#sendFailed} if the system did not take all bytes that a channel had taken, and this
 * process had no memory to keep the rest. So the peer has received only a part of the bytes.
 */
public final class NoMemoryException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param message what needed memory, and which limit was reached
     * @param cause the error that said so
     */
    public NoMemoryException(String message, OutOfMemoryError cause) {
        super(message, cause);
    }
}
