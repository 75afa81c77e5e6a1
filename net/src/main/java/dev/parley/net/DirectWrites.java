package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bytes of a blocking {@link Connection} to the channel, on the writer's own thread, while the loop's thread
 * reads. Linux reports a reset only once, either to a read or to a write; a read after that finds a regular end of the
 * stream. So if the loop reads an end while a write is under way, it waits until the write has returned, and takes the
 * end as regular only if the write got no reset.
 */
final class DirectWrites {
    private final LoopConnection connection;

    /** True while a write call of the channel runs. Set by the thread that writes. */
    private volatile boolean underWay;

    /**
     * What reports the end of the stream, if the loop has read the end while a write was under way, for which the end
     * waits; null otherwise. Set by the loop's thread.
     */
    private volatile @Nullable Runnable endWaits;

    private volatile boolean unfinished;

    /** True if an earlier call of {@link #tryAgain} has woken the writer. Used only on the loop's thread. */
    private boolean asked;

    DirectWrites(LoopConnection connection) {
        this.connection = connection;
    }

    /**
     * Writes as many bytes as the system takes now, and returns their number. Any thread may call this, but only one at
     * a time.
     */
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
            if (endWaits != null) {
                connection.sink().tryExecute(this::tellEnd);
            }
        }
    }

    /**
     * Called when the loop has read the end of the stream. Returns true if a write is under way. In this case, the end
     * must wait, and is handled when the write has returned.
     *
     * @param again reports the end once more
     */
    boolean putsOffTheEnd(Runnable again) {
        endWaits = again;
        if (underWay) {
            return true;
        }
        endWaits = null;
        return false;
    }

    private void tellEnd() {
        Runnable again = endWaits;
        if (again != null) {
            endWaits = null;
            again.run();
        }
    }

    /**
     * Wakes a writer that waits, so that it tries to write again. If the system takes nothing, the writer waits again.
     * Called on the loop's thread.
     *
     * @param waits true if the writer waits for a call of {@code writable}
     * @return true if the writer waits again after an earlier call has woken it; then it has tried to write since that
     *     call
     */
    boolean tryAgain(boolean waits) {
        boolean hasTried = waits && asked;
        if (waits) {
            asked = true;
            connection.receiver().writable(connection);
        }
        return hasTried;
    }

    /**
     * Records whether a write that has begun still has bytes left to write. Any thread may call this, but only one at a
     * time.
     */
    void unfinished(boolean whether) {
        unfinished = whether;
    }

    /** Returns true if a close now would cut off a write. */
    boolean isUnfinished() {
        return unfinished;
    }

    /**
     * Returns the exception that a call throws if the connection is closed, or this side is about to close it. Any
     * thread may call this.
     */
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
