package dev.parley.net;

import dev.parley.net.tls.TlsException;
import dev.parley.net.transport.NoMemoryException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection that is broken because a write failed, or because the system could not send bytes that it had
 * taken. Bytes that the peer sent before may still wait in the kernel, such as a refusal that explains the reset. The
 * receiver gets these bytes first, and then the end of the connection.
 */
final class Breakage {
    private final LoopConnection connection;
    private boolean broken;

    /** The reset that a write got; null if no write got one. Set by the thread that writes. */
    private volatile @Nullable IOException resetNotified;

    Breakage(LoopConnection connection) {
        this.connection = connection;
    }

    /**
     * Returns true if the connection is broken, and so is closed or about to be closed. Called on the loop's thread.
     */
    boolean isBroken() {
        return broken;
    }

    /**
     * Called if the stream has ended. If the peer has reset the connection, the system may have reported the reset to a
     * write, and then the read got only the end of the stream: this finishes the connection, and returns true.
     */
    boolean isEndOfReset() {
        IOException reset = resetNotified;
        if (reset != null) {
            connection.finish(CloseReason.RESET, reset);
        }
        return reset != null;
    }

    /**
     * Called as the first step after a write has failed. Records the failure if it may be a reset. Any thread may call
     * this.
     */
    void writeFailed(IOException cause) {
        if (resetNotified == null && BrokenWrite.tellsReset(cause)) {
            resetNotified = cause;
        }
    }

    /**
     * Called if the system refuses bytes while the user's code is inside a call such as a send. {@link Receiver#closed}
     * is called after that call has returned.
     */
    void later(IOException cause) {
        writeFailed(cause);
        later(CloseReason.RESET, cause);
    }

    void later(CloseReason reason, IOException cause) {
        broken = true;
        connection.loop().defer(() -> {
            if (reason == CloseReason.RESET) {
                finish(cause);
            } else {
                connection.abort(reason, cause);
            }
        });
    }

    /**
     * Called if a write was refused, if the system could not send bytes that it had taken, or if a file could not be
     * read to its end.
     */
    void now(IOException cause) {
        if (cause instanceof SendFile.FileException) {
            connection.abort(CloseReason.FAILED, cause); // there are fewer bytes than the peer expects
            return;
        }
        if (cause instanceof NoMemoryException) {
            connection.abort(CloseReason.LIMIT, cause); // this side broke it, and the peer has only a part
            return;
        }
        writeFailed(cause);
        finish(cause);
    }

    /**
     * Called if the system refused a write of a blocking {@link Connection}. The thread that reads gets all bytes that
     * wait in the kernel, even if the loop had paused reading because that thread was slow.
     */
    void ofDirectWrite(IOException cause) {
        connection.input().readInSpiteOfPause();
        finish(cause);
    }

    /**
     * Called if the channel has failed. A stream that has ended without the end of TLS may be what is left of a reset,
     * which the system reported to a write.
     *
     * @param again reports the failure once more, after the write that is under way
     */
    void channelFailed(IOException cause, Runnable again) {
        if (!(cause instanceof TlsException broken)) {
            connection.finish(CloseReason.RESET, cause);
        } else if (broken.reason() != TlsException.Reason.TRUNCATED) {
            connection.finish(CloseReason.TLS, cause);
        } else if (connection.isLingering() && connection.output().hasEnded()) {
            connection.onEnded(); // what is missing would have been dropped
        } else if (!connection.output().putsOff(again)) {
            IOException reset = resetNotified;
            connection.finish(reset == null ? CloseReason.TRUNCATED : CloseReason.RESET, reset == null ? cause : reset);
        }
    }

    private void finish(IOException cause) {
        broken = true;
        try {
            connection.input().readLast(connection.channel());
        } finally {
            connection.finish(CloseReason.RESET, cause);
        }
    }
}
