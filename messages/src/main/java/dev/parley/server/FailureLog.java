package dev.parley.server;

import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Logs the exceptions that the handlers of one server throw, and limits how many are logged. A client may make a
 * handler fail with each request, so the same failure is logged at most once a second, and only some of all failures of
 * each second are; the others are counted. Any thread may use it.
 */
public final class FailureLog {
    /** The number of failures that may be logged at once after a pause. */
    static final int BURST = 50;

    static final int PER_SECOND = 10;

    /** The number of different failures that are remembered. */
    private static final int KINDS_MAX = 100;

    private static final Kind OTHERS = new Kind("several handlers", "", "");

    private static final Duration TOLD_LATER = Duration.ofSeconds(1);
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long APART_NANOS = SECOND_NANOS / PER_SECOND;

    private final LoopObserver observer;

    /** The times at which failures were logged last, by their kinds; the one that was logged first comes first. */
    private final Map<Kind, Long> loggedNanos = new LinkedHashMap<>();

    /** The numbers of failures that were left out, by their kinds. */
    private final Map<Kind, Integer> leftOut = new HashMap<>();

    private long emptyAtNanos;
    private boolean begun;

    /** Makes an empty log. */
    public FailureLog(LoopObserver observer) {
        this.observer = observer;
    }

    /** Logs that a handler failed, that one of its hooks failed, or that its response could not be sent. */
    void failed(EventLoop loop, String where, Throwable thrown) {
        if (mayTell(loop, Kind.of(where, thrown))) {
            observer.failed(where, thrown);
        }
    }

    /** The kind of a failure. Failures of the same handler, type and place that threw them have the same kind. */
    private record Kind(String handler, String type, String place) {
        static Kind of(String where, Throwable thrown) {
            int end = where.indexOf(" on connection ");
            StackTraceElement[] stack = thrown.getStackTrace();
            return new Kind(
                    where.substring(0, end < 0 ? where.length() : end),
                    thrown.getClass().getName(),
                    stack.length == 0 ? "" : stack[0].toString());
        }
    }

    private synchronized boolean mayTell(EventLoop loop, Kind kind) {
        long nowNanos = loop.freshNanos();
        Long before = loggedNanos.get(kind);
        boolean isNew = before == null || nowNanos - before >= SECOND_NANOS;
        if (isNew && hasRoom(nowNanos)) {
            emptyAtNanos += APART_NANOS;
            loggedNanos.remove(kind);
            loggedNanos.put(kind, nowNanos);
            if (loggedNanos.size() > KINDS_MAX) {
                loggedNanos.remove(loggedNanos.keySet().iterator().next());
            }
            return true;
        }
        boolean isFirst = leftOut.isEmpty();
        leftOut.merge(leftOut.size() < KINDS_MAX ? kind : OTHERS, 1, Integer::sum);
        if (isFirst && !loop.tryExecute(() -> loop.schedule(TOLD_LATER, this::notifyLeftOut))) {
            leftOut.clear(); // the loop is closed, so its server is closed too
        }
        return false;
    }

    private boolean hasRoom(long nowNanos) {
        if (!begun || nowNanos - emptyAtNanos > BURST * APART_NANOS) {
            begun = true;
            emptyAtNanos = nowNanos - BURST * APART_NANOS;
        }
        return nowNanos - emptyAtNanos >= APART_NANOS;
    }

    private void notifyLeftOut() {
        int count;
        Map.Entry<Kind, Integer> most;
        synchronized (this) {
            count = leftOut.values().stream().mapToInt(Integer::intValue).sum();
            most = leftOut.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::copyOf)
                    .orElseThrow();
            leftOut.clear();
        }
        observer.warned(
                count + " further failures of handlers are not in the log: the same one is told once a second, and"
                        + " at most " + PER_SECOND + " a second are, after " + BURST + " at once; " + most.getValue()
                        + " are of one kind, in " + most.getKey().handler());
    }
}
