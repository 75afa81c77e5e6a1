package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks at requests whose contents are too large, or packed, so that it would hold up the loop: one after another, on a
 * thread of its own that ends when nothing waits. Each connection has one here at a time, so all have their turn; and
 * handlers, which run on virtual threads, keep their processors. Any thread adds.
 */
final class Preparer {
    private final EventLoop loop;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    private record Waiting(Preparation preparation, Runnable done) {}

    Preparer(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Prepares it behind the others.
     *
     * @param done run on the loop's thread afterwards
     */
    void add(Preparation preparation, Runnable done) {
        waiting.add(new Waiting(preparation, done));
        if (count.getAndIncrement() == 0) {
            try {
                Thread.ofPlatform().daemon().name("parley-prepare").start(this::work);
            } catch (Throwable noThread) {
                giveUp();
            }
        }
    }

    private void work() {
        do {
            Waiting next = waiting.remove();
            next.preparation().run();
            loop.tryExecute(next.done());
        } while (count.decrementAndGet() > 0);
    }

    private void giveUp() {
        do {
            Waiting next = waiting.remove();
            next.preparation().notPossible();
            loop.tryExecute(next.done());
        } while (count.decrementAndGet() > 0);
    }
}
