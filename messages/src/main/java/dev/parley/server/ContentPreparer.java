package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread on which contents are prepared, so that the loop's thread does not have to do it: one {@link
 * ContentPreparation} after another. It gets the requests that {@link Router#findOnLoop} does not route itself, because
 * their contents are packed or longer than {@code onLoopBytesMax}. The thread ends if no request has come for one
 * second. It does not end at once, since to start a thread costs more than to prepare most contents. Each connection
 * has only one request here at a time, so all connections have their turn. There is only one such thread for each
 * server and loop, so the handlers on virtual threads keep their processors. Any thread may add a request.
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
     * Adds a request, which is prepared after the requests that were added before.
     *
     * @param done runs on the loop's thread after the preparation
     */
    void add(ContentPreparation preparation, Runnable done) {
        var isTaken = new AtomicBoolean();
        Runnable task = () -> {
            if (isTaken.compareAndSet(false, true)) {
                preparation.run();
                passBack(preparation, done);
                giveWay();
            }
        };
        try {
            thread.execute(task);
        } catch (Throwable noThread) {
            thread.remove(task); // the task may be queued despite the failure, and a later thread would run it again
            if (isTaken.compareAndSet(false, true)) {
                preparation.notPossible();
                passBack(preparation, done);
            }
        }
    }

    private void passBack(ContentPreparation preparation, Runnable done) {
        if (!loop.tryExecute(done)) {
            preparation.letGo(); // the loop is closed, and the memory belongs to the loops of the whole process
        }
    }

    /**
     * Yields the processor. Without this, on a machine with one processor, the loop would wait until all queued
     * requests are prepared.
     */
    @SuppressWarnings("ThreadPriorityCheck") // the yield only helps; nothing relies on it
    private static void giveWay() {
        Thread.yield();
    }
}
