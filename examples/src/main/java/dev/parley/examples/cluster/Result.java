package dev.parley.examples.cluster;

import dev.parley.examples.cluster.Orders.Outcome;
import dev.parley.examples.cluster.Orders.Told;
import java.time.Duration;
import java.util.List;

/**
 * The findings of the example.
 *
 * @param isTrue whether no client was told something untrue
 * @param longest the longest time that a client has waited to be told
 * @param isInTime whether each client was told by its time limit, or a little later
 * @param perSecond how many orders were answered in a second with one node, with two, and with three
 */
record Result(boolean isTrue, Duration longest, boolean isInTime, List<Long> perSecond) {
    private static final long SECOND_NANOS = 1_000_000_000L;

    /**
     * Compares what clients were told with what is promised.
     *
     * @param starts the events, of which the first three say when a node was started
     * @param alone for how long after each of them nothing else was done
     * @param lateMax how much later than its time limit a client may be told
     */
    static Result of(
            Journals.Comparison found,
            List<Told> told,
            List<ThreeNodes.Event> starts,
            Duration alone,
            Duration lateMax) {
        Duration longest =
                Duration.ofNanos(told.stream().mapToLong(Told::tookNanos).max().orElse(0));
        List<Long> perSecond = starts.stream()
                .limit(3)
                .map(start -> answered(told, start.atNanos(), alone.toNanos()))
                .toList();
        return new Result(found.isGood(), longest, longest.compareTo(Orders.TIME_LIMIT.plus(lateMax)) <= 0, perSecond);
    }

    /** Returns how many answers came in a second of a time. */
    private static long answered(List<Told> told, long from, long nanos) {
        long count = told.stream()
                .filter(each -> each.outcome() == Outcome.ANSWERED)
                .mapToLong(each -> each.sentNanos() + each.tookNanos() - from)
                .filter(at -> at >= 0 && at < nanos)
                .count();
        return count * SECOND_NANOS / nanos;
    }

    boolean isGood() {
        return isTrue && isInTime;
    }
}
