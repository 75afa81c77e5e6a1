package dev.parley.net;

import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Handles a connection that a write, or the system afterwards, has found broken. What the peer had sent before may
 * still wait in the kernel, such as the refusal that explains the reset: the receiver gets it first, and then the end
 * of the connection.
 */
final class Breakage {
    private final LoopConnection connection;
    private boolean broken;

    /** The reset that a write got; set by the thread that writes. */
    private volatile @Nullable IOException resetTold;

    Breakage(LoopConnection connection) {
        this.connection = connection;
    }

    /** Returns true if it soon ends with the reason that broke it. On the loop's thread. */
    boolean isBroken() {
        return broken;
    }

    /** Returns the reset that a write got, and no read will get; null if there was none. Any thread. */
    @Nullable
    IOException resetTold() {
        return resetTold;
    }

    /** Takes note that a write failed, before anything else happens; any thread. */
    void writeFailed(IOException cause) {
        if (resetTold == null && BrokenWrite.tellsReset(cause)) {
            resetTold = cause;
        }
    }

    /** The system refused bytes inside a call of the user's: closed is called after that call has returned. */
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

    /** A write was refused, bytes that the system had taken could not be sent, or a file has become shorter. */
    void now(IOException cause) {
        if (cause instanceof EOFException) {
            connection.abort(CloseReason.FAILED, cause); // there are fewer bytes than the peer expects
            return;
        }
        writeFailed(cause);
        finish(cause);
    }

    /** A write of the blocking view was refused. Its reader, who may have held the loop back, gets all that waits. */
    void ofDirectWrite(IOException cause) {
        connection.input().readInSpiteOfPause();
        finish(cause);
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
