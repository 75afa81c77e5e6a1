package dev.parley.cli.tour;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sorts steps by their logical time (L. Lamport). The logical time of a step is greater, by at least one, than that of
 * the previous step at the same end, and than that of its cause at the other end. If threads or connections run at the
 * same time, their steps have the same logical times in every run, even if they are reported in another order. So a
 * picture of the steps is the same in every run.
 */
final class LogicalOrder {
    /**
     * A step with its time.
     *
     * @param time the logical time, from 0
     * @param cause the step at the other end that caused this step, such as the send for a receive; null if there is
     *     none
     */
    record Timed(Step step, int time, @Nullable Step cause) {}

    private record End(Side side, int connection) {}

    private final Map<End, Integer> times = new HashMap<>();
    private final Map<End, List<Timed>> causes = new HashMap<>();
    private final List<Timed> ordered = new ArrayList<>();

    private LogicalOrder() {}

    /**
     * Sorts the steps by time, then by side, then by connection. The steps must be passed in a possible order, such as
     * that of {@link CausalOrder}.
     */
    static List<Timed> of(List<Step> steps) {
        var order = new LogicalOrder();
        steps.forEach(order::place);
        order.ordered.sort(Comparator.comparingInt(Timed::time)
                .thenComparing(timed -> timed.step().side())
                .thenComparingInt(timed -> timed.step().connection()));
        return order.ordered;
    }

    private void place(Step step) {
        var here = new End(step.side(), step.connection());
        Timed cause = takeCause(step);
        int time = 1 + Math.max(before(step, here), cause == null ? -1 : cause.time);
        var timed = new Timed(step, time, cause == null ? null : cause.step);
        times.put(here, time);
        ordered.add(timed);
        if (isCause(step.call())) {
            causes.computeIfAbsent(here, end -> new ArrayList<>()).add(timed);
        }
    }

    /**
     * Returns the time after which the step happens at its own side: that of the previous step at the same end. A
     * connect also happens after the steps of the listening socket so far, and the listening socket is closed after all
     * other steps.
     */
    private int before(Step step, End here) {
        int last = times.getOrDefault(here, -1);
        return switch (step.call()) {
            case CONNECT -> Math.max(last, times.getOrDefault(new End(Side.SERVER, 0), -1));
            case STOP ->
                times.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
            default -> last;
        };
    }

    private static boolean isCause(Call call) {
        return switch (call) {
            case CONNECT, SEND, SHUTDOWN, CLOSE -> true;
            case BIND, LISTEN, ACCEPT, CONNECTED, RECEIVE, END, STOP -> false;
        };
    }

    private @Nullable Timed takeCause(Step step) {
        Call wanted =
                switch (step.call()) {
                    case ACCEPT -> Call.CONNECT;
                    case RECEIVE -> Call.SEND;
                    case END -> Call.SHUTDOWN;
                    default -> null;
                };
        if (wanted == null) {
            return null;
        }
        Side other = step.side() == Side.CLIENT ? Side.SERVER : Side.CLIENT;
        List<Timed> there = causes.getOrDefault(new End(other, step.connection()), List.of());
        for (Timed timed : there) {
            Call call = timed.step.call();
            if (call == wanted || wanted == Call.SHUTDOWN && call == Call.CLOSE) {
                there.remove(timed);
                return timed;
            }
        }
        return null;
    }
}
