package dev.parley.net;

import dev.parley.net.transport.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bytes of a blocking {@link Connection} to the channel, on the writer's own thread, while the loop's thread
 * reads. Linux reports a reset only once, either to a read or to a write; a read after that finds a regular end of the
 * stream. So if the loop reads an end while a write is under way, it waits until the write has returned, and takes the
 * end as regular only if the write got no reset.
 */
final class DirectWrites {
    private final LoopConnection connection;

    /** The thread that writes; null if no write is under way. Set by that thread. */
    private volatile @Nullable Thread writer;

    /**
     * The writes that wait for the write that is under way, the last one first; null if there are none. Set by the
     * loop's thread.
     */
    private volatile @Nullable Waiting waiting;

    private record Waiting(Runnable task, @Nullable Waiting before) {}

    private volatile boolean unfinished;

    /** True if an earlier call of {@link #askedAgain} has woken the writer. Used only on the loop's thread. */
    private boolean asked;

    DirectWrites(LoopConnection connection) {
        this.connection = connection;
    }

    /**
     * Writes as many bytes as the system takes now, and returns their number. Any thread may call this, but only one at
     * a time.
     *
     * @param isOver asked when the loop's thread sees that a write is under way; if true, nothing is written, since it
     *     may have ended our direction before
     */
    int write(ByteBuffer bytes, BooleanSupplier isOver) throws IOException {
        Channel open = connection.channel();
        if (open == null || connection.state() == ConnectionState.CLOSED) {
            throw closedException(connection, null);
        }
        writer = Thread.currentThread();
        try {
            if (isOver.getAsBoolean()) {
                return 0;
            }
            int start = bytes.position();
            int count = open.write(bytes);
            unfinished = bytes.hasRemaining();
            if (count > 0 && connection.state() != ConnectionState.CLOSED) {
                connection.output().wroteDirectly(bytes, start); // while an end is put off, which is reported after it
            }
            return count;
        } catch (IOException e) {
            connection.breakage().writeFailed(e);
            throw e;
        } finally {
            writer = null;
            if (waiting != null) {
                connection.sink().tryExecute(this::goOn);
            }
        }
    }

    /**
     * Returns true if a write is under way. In this case, the task runs when the write has returned. Called on the
     * loop's thread, when it has read the end of the stream, or is about to end our direction.
     *
     * @param again does once more what the caller was about to do
     */
    boolean putsOff(Runnable again) {
        Waiting before = waiting;
        waiting = new Waiting(again, before);
        if (writer != null) {
            return true;
        }
        waiting = before;
        return false;
    }

    /**
     * Returns true if the caller writes now, because an observer of its write calls this. Then postponed work waits for
     * the caller itself.
     */
    boolean areOfThisThread() {
        return writer == Thread.currentThread();
    }

    private void goOn() {
        var tasks = new ArrayDeque<Runnable>();
        for (Waiting each = waiting; each != null; each = each.before()) {
            tasks.addFirst(each.task());
        }
        waiting = null;
        tasks.forEach(Runnable::run);
    }

    /**
     * Records that a waiting writer was woken, so that it tries to write again. If the system takes nothing, the writer
     * waits again. Called on the loop's thread.
     *
     * @return true if an earlier call has woken the writer too; then it has tried to write since that call
     */
    boolean askedAgain() {
        boolean before = asked;
        asked = true;
        return before;
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
