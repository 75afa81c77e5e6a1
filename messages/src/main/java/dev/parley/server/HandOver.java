package dev.parley.server;

import dev.parley.net.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way from one loop to virtual threads and back, shared by all of its connections: those that a turn of the loop
 * starts are started together, and responses that are ready together come back with one wake-up. Waking a sleeping
 * thread costs more than handling a small request, so it must not happen for each.
 *
 * <p>Nobody can tell whether a virtual thread goes on to the next request or is about to block. So a response waits for
 * a virtual thread that is started behind those that are ready to run: it wakes the loop when they have ended or have
 * blocked. Behind a handler that computes for long it would wait long, where it need not: so one that itself took
 * {@link #LONG_NANOS}, and one that has others behind it for as long, wakes the loop at once.
 */
final class HandOver {
    private static final ThreadLocal<HandOver> OF_LOOP = new ThreadLocal<>();

    /** Some ten times what a small request takes, and what waking a thread does. */
    private static final long LONG_NANOS = 100_000;

    private final EventLoop loop;
    private final ThreadFactory threads;

    // The loop's thread.
    private List<Thread> unstarted = new ArrayList<>();
    private final ArrayDeque<ServerSession> unsettled = new ArrayDeque<>();
    private boolean settleIsDue;

    // Handed from virtual threads to the loop's.
    private final Queue<HandedOver> returned = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakeIsDue = new AtomicBoolean();
    private volatile long wakeDueSinceNanos;

    private HandOver(EventLoop loop, ThreadFactory threads) {
        this.loop = loop;
        this.threads = threads;
    }

    /** That of a loop, and of the servers on it whose threads are made by the same; on its thread. */
    static HandOver of(EventLoop loop, ThreadFactory threads) {
        HandOver known = OF_LOOP.get();
        if (known == null || known.loop != loop || !known.threads.equals(threads)) {
            known = new HandOver(loop, threads);
            OF_LOOP.set(known);
        }
        return known;
    }

    /** The loop's clock, for the time that a handler takes; any thread. */
    long nanos() {
        return loop.freshNanos();
    }

    /** Starts work on a thread of its own at the end of this turn; the loop's thread. */
    Thread start(String name, Runnable work) {
        Thread own = threads.newThread(work);
        own.setName(name);
        unstarted.add(own);
        if (unstarted.size() == 1) {
            loop.defer(this::startAll);
        }
        return own;
    }

    /** The first of them starts the others, from inside: so one carrier thread is woken, and wakes more if it likes. */
    private void startAll() {
        List<Thread> all = unstarted;
        unstarted = new ArrayList<>();
        if (all.size() == 1) {
            all.getFirst().start();
        } else {
            threads.newThread(() -> all.forEach(Thread::start)).start();
        }
    }

    /**
     * Has a request handled and hands it back; on the thread of its handler.
     *
     * @param beganNanos the loop's time now
     * @return the loop's time afterwards
     */
    long handle(HandedOver work, long beganNanos) {
        work.run();
        long nowNanos = nanos();
        returned(work, nowNanos - beganNanos, nowNanos);
        return nowNanos;
    }

    private void returned(HandedOver work, long tookNanos, long nowNanos) {
        returned.add(work);
        if (wakeIsDue.compareAndSet(false, true)) {
            wakeDueSinceNanos = nowNanos;
            if (tookNanos < LONG_NANOS) {
                threads.newThread(this::wake).start();
            } else {
                wake();
            }
        } else if (tookNanos >= LONG_NANOS || nowNanos - wakeDueSinceNanos >= LONG_NANOS) {
            wakeDueSinceNanos = nowNanos;
            wake();
        }
    }

    private void wake() {
        loop.tryExecute(this::takeBack);
    }

    /** The loop's thread. */
    private void takeBack() {
        wakeIsDue.set(false);
        for (HandedOver next = returned.poll(); next != null; next = returned.poll()) {
            next.tellReturned();
        }
        settle();
    }

    /** What the session has to send leaves when the others of this moment have been told as well; the loop's thread. */
    void settleLater(ServerSession session) {
        unsettled.add(session);
        if (!settleIsDue) {
            settleIsDue = true;
            loop.defer(this::settle); // nothing is left to do where responses are just being taken back
        }
    }

    private void settle() {
        settleIsDue = false;
        for (ServerSession next = unsettled.poll(); next != null; next = unsettled.poll()) {
            next.flush();
        }
    }
}
