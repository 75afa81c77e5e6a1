package dev.parley.uring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Lets other threads end the loop's wait: they write to an eventfd(2), and the ring has a multishot poll on it. The
 * counter of the eventfd is never read, because no process lives long enough to fill it.
 */
final class Wakeup extends RingHandle {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private final UringCore core;
    private final MemorySegment errno;
    private final long one;
    private final Object lock = new Object();
    private int descriptor;

    /** Creates the wake-up of this core's loop. Its memory belongs to the core, and is freed with the core. */
    Wakeup(UringCore core) throws IOException {
        this.core = core;
        Arena arena = core.arena();
        errno = Kernel.newErrno(arena);
        one = arena.allocate(8, 8).address();
        NativeMemory.putLong(one, 1);
        long fd = Kernel.call(errno, Kernel.EVENTFD2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0);
        if (fd < 0) {
            throw new UringException("eventfd", (int) -fd);
        }
        descriptor = (int) fd;
        core.enroll(this);
    }

    /** Ends the loop's wait. Any thread may call this. */
    void wake() {
        synchronized (lock) {
            if (descriptor >= 0) {
                Kernel.call(errno, Kernel.WRITE, descriptor, one, 8);
            }
        }
    }

    void arm() {
        began();
        Submissions.pollWithoutEnd(core.ring(), descriptor, Operation.WAKE.tag(number()));
    }

    @Override
    void completed(Operation operation, int result, int flags) {
        if (!hasUnderWay() && descriptor >= 0) {
            arm();
        }
    }

    @Override
    void broke(Throwable thrown) {
        throw new UncheckedIOException(new IOException("cannot wake a loop any more", thrown)); // ends the loop
    }

    @Override
    boolean isOver() {
        return descriptor < 0;
    }

    @Override
    void attend() {
        throw new IllegalStateException("nothing is ever put off here");
    }

    /** Closes the eventfd, after which {@link #wake} does nothing. Called on the loop's thread. */
    void close() {
        if (descriptor < 0) {
            return;
        }
        Submissions.cancel(core.ring(), Operation.WAKE.tag(number()));
        abandon();
        core.leave(this);
    }

    @Override
    void abandon() {
        synchronized (lock) {
            if (descriptor >= 0) {
                Kernel.call(errno, Kernel.CLOSE, descriptor);
                descriptor = -1;
            }
        }
    }
}
