package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread beside the loop on which {@link ContentPreparation} happens, for one request after another: those that
 * {@link Router#findOnLoop} leaves to it, as their contents are packed or longer than {@code onLoopBytesMax}. The
 * thread ends when nothing has come for a
 * second, since to start a thread costs more than to prepare most contents. Each connection has one request here at a
 * time, so all connections have their turn; and the handlers, which run on virtual threads, keep their processors. Any
 * thread may add a request.
 */
final class ContentPreparer {
    private static final long IDLE_SECONDS = 1;

    private final EventLoop loop;
    private final ThreadPoolExecutor thread;

    ContentPreparer(EventLoop loop) {
        this.loop = loop;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("parley-prepare").factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Prepares a request behind the others.
     *
     * @param done runs on the loop's thread afterwards
     */
    void add(ContentPreparation preparation, Runnable done) {
        var isTaken = new AtomicBoolean();
        Runnable task = () -> {
            if (isTaken.compareAndSet(false, true)) {
                preparation.run();
                loop.tryExecute(done);
                giveWay();
            }
        };
        try {
            thread.execute(task);
        } catch (Throwable noThread) {
            thread.remove(task); // it may be queued all the same, and a later thread would run it again
            if (isTaken.compareAndSet(false, true)) {
                preparation.notPossible();
                loop.tryExecute(done);
            }
        }
    }

    /** Yields, since on a machine with one processor the loop would wait for all the requests that are queued here. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it
    private static void giveWay() {
        Thread.yield();
    }
}
