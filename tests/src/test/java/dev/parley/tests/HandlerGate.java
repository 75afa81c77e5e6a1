package dev.parley.tests;

import dev.parley.testkit.Await;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds handlers until the test lets them return, and counts those that have started. */
final class HandlerGate {
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger interrupted = new AtomicInteger();

    /** Counts a handler, and holds it until it is released or interrupted. */
    void enter() throws InterruptedException {
        count();
        await();
    }

    /** Counts a handler as started. */
    void count() {
        started.incrementAndGet();
    }

    /** Holds a handler until it is released or interrupted. */
    void await() throws InterruptedException {
        try {
            mayReturn.acquire();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        }
    }

    /** Lets one handler return. */
    void release() {
        release(1);
    }

    /** Lets this many handlers return, now or when they come. */
    void release(int count) {
        mayReturn.release(count);
    }

    /** Returns the number of handlers that have started. */
    int started() {
        return started.get();
    }

    void awaitStarted(int count) {
        Await.until(count + " handlers run", () -> started.get() == count);
    }

    void awaitInterrupted(int count) {
        Await.until(count + " handlers are interrupted", () -> interrupted.get() == count);
    }
}
