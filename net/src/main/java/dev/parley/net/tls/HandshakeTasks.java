package dev.parley.net.tls;

import dev.parley.net.transport.ThreadPriorities;
import java.util.ServiceLoader;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs the expensive steps of handshakes, such as signatures and key agreement, on threads beside the loops: a storm of
 * new connections must not hold up those that are established. So there are only half as many threads as processors,
 * and their priority is low where the system allows it. The steps wait for them in their order. A thread ends if it has
 * nothing to do. Any thread may use this class.
 */
final class HandshakeTasks {
    private static final int AT_ONCE_MAX = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final long IDLE_MILLIS = 1_000;

    private static final ThreadPoolExecutor COMPUTING = computing();

    private HandshakeTasks() {}

    private static ThreadPoolExecutor computing() {
        var executor = new ThreadPoolExecutor(
                AT_ONCE_MAX,
                AT_ONCE_MAX,
                IDLE_MILLIS,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                HandshakeTasks::threadFor);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static Thread threadFor(Runnable tasks) {
        return Thread.ofPlatform().daemon().name("parley-handshakes").unstarted(() -> {
            lowerPriority();
            tasks.run();
        });
    }

    private static void lowerPriority() {
        ServiceLoader.load(ThreadPriorities.class, HandshakeTasks.class.getClassLoader())
                .forEach(ThreadPriorities::lower);
    }

    /** Runs a task on another thread, and then the last one, even if the task throws. */
    static void compute(Runnable task, Runnable last) {
        COMPUTING.execute(inOrder(task, last));
    }

    /** Runs a task that reads files on a thread of its own, since it spends its time waiting for the disk. */
    static void read(Runnable task, Runnable last) {
        Thread.ofVirtual().name("parley-tls").start(inOrder(task, last));
    }

    private static Runnable inOrder(Runnable task, Runnable last) {
        return () -> {
            try {
                task.run();
            } finally {
                last.run();
            }
        };
    }
}
