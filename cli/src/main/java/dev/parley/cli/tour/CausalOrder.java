package dev.parley.cli.tour;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sorts the events that several threads reported into an order that is possible. A receive is placed after the send of
 * its bytes. The end of a stream is placed after the event by which the peer ended it. If an event must wait for its
 * cause, the later events at the same end of the connection wait with it. The close of the listening socket is placed
 * after all events that were reported before it. All other events keep their places.
 */
final class CausalOrder {
    private record End(int connection, Side side) {}

    private final Map<End, Long> sent = new HashMap<>();
    private final Map<End, Long> received = new HashMap<>();
    private final Set<End> outputEnded = new HashSet<>();
    private final List<Step> waiting = new ArrayList<>();
    private final List<Step> ordered = new ArrayList<>();

    private CausalOrder() {}

    static List<Step> of(List<Step> reported) {
        var order = new CausalOrder();
        for (Step step : reported) {
            order.waiting.add(step);
            order.placeWhatMay();
        }
        while (!order.waiting.isEmpty()) {
            order.placeLateCause();
            order.placeWhatMay();
        }
        return order.ordered;
    }

    /**
     * Places the cause of the first waiting event, even if the turn of the cause has not come. The cause may have been
     * reported late: if a send runs on a thread other than the loop's, this thread may report the send after the loop
     * has reported the response.
     */
    private void placeLateCause() {
        Step held = waiting.getFirst();
        Step next =
                waiting.stream().filter(step -> causes(step, held)).findFirst().orElse(held);
        waiting.remove(next);
        place(next, new End(next.connection(), next.side()));
    }

    private static boolean causes(Step step, Step held) {
        boolean wanted = held.call() == Call.END ? endsOutput(step) : step.call() == Call.SEND;
        return wanted && step.connection() == held.connection() && step.side() != held.side();
    }

    private static boolean endsOutput(Step step) {
        return step.call() == Call.SHUTDOWN || step.call() == Call.CLOSE;
    }

    private void placeWhatMay() {
        boolean placed;
        do {
            placed = placeOnce();
        } while (placed);
    }

    private boolean placeOnce() {
        Set<End> held = new HashSet<>();
        boolean placed = false;
        for (Iterator<Step> steps = waiting.iterator(); steps.hasNext(); ) {
            Step step = steps.next();
            var end = new End(step.connection(), step.side());
            if (held.contains(end) || tooEarly(step, !held.isEmpty())) {
                held.add(end);
                continue;
            }
            steps.remove();
            place(step, end);
            placed = true;
        }
        return placed;
    }

    private boolean tooEarly(Step step, boolean othersWait) {
        var here = new End(step.connection(), step.side());
        var there = new End(step.connection(), step.side() == Side.CLIENT ? Side.SERVER : Side.CLIENT);
        return switch (step.call()) {
            case RECEIVE -> received.getOrDefault(here, 0L) + step.bytes() > sent.getOrDefault(there, 0L);
            case END -> !outputEnded.contains(there);
            case STOP -> othersWait;
            default -> false;
        };
    }

    private void place(Step step, End end) {
        if (step.call() == Call.SEND) {
            sent.merge(end, (long) step.bytes(), Long::sum);
        } else if (step.call() == Call.RECEIVE) {
            received.merge(end, (long) step.bytes(), Long::sum);
        } else if (endsOutput(step)) {
            outputEnded.add(end);
        }
        ordered.add(step);
    }
}
