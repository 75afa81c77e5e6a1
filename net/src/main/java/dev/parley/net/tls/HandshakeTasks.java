package dev.parley.net.tls;

import java.util.concurrent.Semaphore;

/**
 * Runs the expensive steps of handshakes, such as signatures and key agreement, on virtual threads beside the loops: a
 * storm of new connections must not hold up those that are established. Steps of as many connections as half of the
 * processors run at once; the others wait, in their order. Any thread may use it.
 */
final class HandshakeTasks {
    private static final int AT_ONCE_MAX = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private static final Semaphore FREE = new Semaphore(AT_ONCE_MAX, true);

    private HandshakeTasks() {}

    /** Runs a task on another thread, and then the last one, even if the task throws. */
    static void compute(Runnable task, Runnable last) {
        read(
                () -> {
                    FREE.acquireUninterruptibly();
                    try {
                        task.run();
                    } finally {
                        FREE.release();
                    }
                },
                last);
    }

    /** Runs a task that reads files on a thread of its own, since it spends its time waiting for the disk. */
    static void read(Runnable task, Runnable last) {
        Thread.ofVirtual().name("parley-tls").start(() -> {
            try {
                task.run();
            } finally {
                last.run();
            }
        });
    }
}
