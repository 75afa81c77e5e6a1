package dev.parley.cli;

import dev.parley.net.Connection;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of the echo client. It has a thread of its own, so that a large input is sent while its echo is
 * received. The client does not wait for this thread, since a read of standard input cannot be interrupted. It is a
 * daemon thread, so the process can end without it.
 */
final class EchoSender {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream source;
    private final Connection connection;
    private final Tally sent = new Tally();
    private volatile boolean inputEnded;
    private volatile @Nullable IOException inputFailure;

    EchoSender(InputStream source, Connection connection) {
        this.source = source;
        this.connection = connection;
    }

    void start() {
        Thread.ofPlatform().daemon().name("parley-echo-sender").start(this::send);
    }

    /**
     * Returns the tally of the bytes that were sent so far. It is complete when {@link #hasEndedInput} returns true.
     */
    Tally sent() {
        return sent;
    }

    /** Returns true if the whole input was sent, so that the peer may end too. */
    boolean hasEndedInput() {
        return inputEnded;
    }

    /** Throws the exception if the input could not be read. */
    void throwInputFailure() throws IOException {
        IOException failure = inputFailure;
        if (failure != null) {
            throw failure;
        }
    }

    private void send() {
        try {
            var buffer = new byte[BUFFER_BYTES];
            for (int count = read(buffer); count >= 0; count = read(buffer)) {
                sent.add(buffer, count);
                connection.out().write(buffer, 0, count);
            }
            inputEnded = true;
            connection.shutdownOutput();
        } catch (InputFailedException e) {
            inputFailure = e;
            connection.close(); // the receiving thread notices this, and calls throwInputFailure()
        } catch (IOException broken) {
            return; // the receiving thread notices this too
        }
    }

    private int read(byte[] buffer) throws InputFailedException {
        try {
            return source.read(buffer);
        } catch (IOException e) {
            throw new InputFailedException(e);
        }
    }
}
