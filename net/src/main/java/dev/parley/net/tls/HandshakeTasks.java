package dev.parley.net.tls;

import dev.parley.net.transport.ThreadPriorities;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Runs the expensive steps of handshakes, such as signatures and key agreement, on threads beside the loops. Steps of
 * as many connections as half of the processors run at once; the others wait, in their order. Any thread may use it.
 *
 * <p>The steps for peers that connect to us have threads of their own, whose priority is low if the system allows it: a
 * storm of new connections must not hold up those that are established. The handshakes that we begin ourselves run on
 * virtual threads.
 */
final class HandshakeTasks {
    private static final int AT_ONCE_MAX = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final long IDLE_SECONDS = 60;

    private static final Semaphore OURS = new Semaphore(AT_ONCE_MAX, true);
    private static final ThreadPoolExecutor OF_PEERS = ofPeers();

    /** Looked up when the first thread starts. */
    private static final class Priorities {
        static final List<ThreadPriorities> ALL =
                ServiceLoader.load(ThreadPriorities.class, HandshakeTasks.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();

        private Priorities() {}
    }

    private HandshakeTasks() {}

    private static ThreadPoolExecutor ofPeers() {
        var executor = new ThreadPoolExecutor(
                AT_ONCE_MAX,
                AT_ONCE_MAX,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
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

    /** Whatever a provider throws, the thread works: without it, no handshake would ever end. */
    private static void lowerPriority() {
        try {
            Priorities.ALL.forEach(ThreadPriorities::lower);
        } catch (Throwable usualPriority) {
            return;
        }
    }

    /**
     * Returns what runs a task on another thread, and then a last one, even if the task throws.
     *
     * @param forPeer true for a handshake of a peer that connects to us; false for one that we begin
     */
    static BiConsumer<Runnable, Runnable> computing(boolean forPeer) {
        return forPeer ? HandshakeTasks::computeForPeer : HandshakeTasks::compute;
    }

    private static void computeForPeer(Runnable task, Runnable last) {
        try {
            OF_PEERS.execute(inOrder(task, last));
        } catch (OutOfMemoryError noThread) {
            compute(task, last); // a virtual thread needs nothing of the system
        }
    }

    private static void compute(Runnable task, Runnable last) {
        read(
                () -> {
                    OURS.acquireUninterruptibly();
                    try {
                        task.run();
                    } finally {
                        OURS.release();
                    }
                },
                last);
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
