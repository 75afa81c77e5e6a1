package dev.parley.tests.bed;

import dev.parley.testkit.Await;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds handlers until the test lets them return, and counts those that have started. */
public final class HandlerGate {
    private final Semaphore mayReturn = new Semaphore(0);
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger interrupted = new AtomicInteger();

    /** Counts a handler, and holds it until it is released or interrupted. */
    public void enter() throws InterruptedException {
        count();
        await();
    }

    /** Counts a handler as started. */
    public void count() {
        started.incrementAndGet();
    }

    /** Holds a handler until it is released or interrupted. */
    public void await() throws InterruptedException {
        try {
            mayReturn.acquire();
        } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
        }
    }

    /** Lets one handler return. */
    public void release() {
        release(1);
    }

    /** Lets this many handlers return, now or when they come. */
    public void release(int count) {
        mayReturn.release(count);
    }

    /** Returns the number of handlers that have started. */
    public int started() {
        return started.get();
    }

    public void awaitStarted(int count) {
        Await.until(count + " handlers run", () -> started.get() == count);
    }

    public void awaitInterrupted(int count) {
        Await.until(count + " handlers are interrupted", () -> interrupted.get() == count);
    }
}
