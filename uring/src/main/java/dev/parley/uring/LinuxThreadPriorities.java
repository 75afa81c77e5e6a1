package dev.parley.uring;

import dev.parley.net.transport.ThreadPriorities;
import java.lang.foreign.Arena;

/**
 * Sets the nice value of threads, which Linux keeps for each thread (setpriority(2), section C library/kernel
 * differences). {@link java.util.ServiceLoader} creates the instance.
 */
public final class LinuxThreadPriorities implements ThreadPriorities {
    private static final int PRIO_PROCESS = 0;
    private static final int THIS_THREAD = 0;

    /** A tenth of the weight of a thread with the usual nice value, 0. */
    private static final int LOW = 10;

    /** Called by {@link java.util.ServiceLoader}. */
    public LinuxThreadPriorities() {}

    @Override
    public void lower() {
        if (Platform.isKnown() && LinuxThreadPriorities.class.getModule().isNativeAccessEnabled()) {
            try (Arena arena = Arena.ofConfined()) {
                Kernel.call(Kernel.newErrno(arena), Kernel.SETPRIORITY, PRIO_PROCESS, THIS_THREAD, LOW);
            }
        }
    }
}
