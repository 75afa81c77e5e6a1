package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The writes of the blocking view to the channel, on a thread of its own, while the loop reads. Linux reports a reset
 * once, to a read or to a write, and a read after it sees a regular end. So an end that the loop reads while a write is
 * under way is believed only when that write has returned without a reset.
 */
final class DirectWrites {
    private final LoopConnection connection;

    /** A write is inside the system; written by its thread. */
    private volatile boolean underWay;

    /** Written by the loop's thread. */
    private volatile boolean endWaits;

    private volatile boolean unfinished;

    /** Belongs to the loop's thread. */
    private boolean asked;

    DirectWrites(LoopConnection connection) {
        this.connection = connection;
    }

    /** Any one thread at a time: writes what the system takes now. */
    int write(ByteBuffer bytes) throws IOException {
        Channel open = connection.channel();
        if (open == null || connection.state() == ConnectionState.CLOSED) {
            throw closedException(connection, null);
        }
        int start = bytes.position();
        int count = tryWrite(open, bytes);
        if (count > 0) {
            connection.output().wroteDirectly(bytes, start);
        }
        return count;
    }

    private int tryWrite(Channel open, ByteBuffer bytes) throws IOException {
        underWay = true;
        try {
            return open.write(bytes);
        } catch (IOException e) {
            connection.breakage().writeFailed(e);
            throw e;
        } finally {
            underWay = false;
            if (endWaits) {
                connection.sink().tryExecute(this::tellEnd);
            }
        }
    }

    /** Returns true if the end that the loop has read must wait until the write that is under way has returned. */
    boolean putsOffTheEnd() {
        endWaits = true;
        if (underWay) {
            return true;
        }
        endWaits = false;
        return false;
    }

    private void tellEnd() {
        if (endWaits) {
            endWaits = false;
            connection.sink().ended();
        }
    }

    /**
     * Lets the writer try again by itself; it waits again if nothing is taken. The loop's thread.
     *
     * @param waits true if the writer waits for a call
     * @return whether it has tried since it was asked last
     */
    boolean tryAgain(boolean waits) {
        boolean hasTried = waits && asked;
        if (waits) {
            asked = true;
            connection.receiver().writable(connection);
        }
        return hasTried;
    }

    /** The writer has more of what it has begun to write, or has no more; any one thread at a time. */
    void unfinished(boolean whether) {
        unfinished = whether;
    }

    /** Returns true if an end now would cut off a write. */
    boolean isUnfinished() {
        return unfinished;
    }

    /** Returns what a call on a connection fails with that is closed, or about to be by this side; any thread. */
    static ConnectionClosedException closedException(LoopConnection connection, @Nullable Throwable cause) {
        CloseReason reason = connection.closeReason();
        Throwable known = connection.closeCause();
        return ConnectionClosedException.of(
                connection,
                reason == null ? CloseReason.LOCAL : reason,
                connection.loop().limits(),
                known == null ? cause : known);
    }
}
