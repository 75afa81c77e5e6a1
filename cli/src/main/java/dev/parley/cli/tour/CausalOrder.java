package dev.parley.cli.tour;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sorts what two threads told of one connection: a receive waits for the send of its bytes, and what the same end did
 * after it waits with it. Everything else keeps its place.
 */
final class CausalOrder {
    private record End(int connection, Side side) {}

    private final Map<End, Long> sent = new HashMap<>();
    private final Map<End, Long> received = new HashMap<>();
    private final List<Step> waiting = new ArrayList<>();
    private final List<Step> ordered = new ArrayList<>();

    private CausalOrder() {}

    static List<Step> of(List<Step> told) {
        var order = new CausalOrder();
        for (Step step : told) {
            order.waiting.add(step);
            order.placeWhatMay();
        }
        while (!order.waiting.isEmpty()) {
            order.placeLateSend();
            order.placeWhatMay();
        }
        return order.ordered;
    }

    /**
     * A writer on a thread of its own may tell of its send only after its loop has told of the answer: the send that
     * the first receive waits for comes first all the same.
     */
    private void placeLateSend() {
        Step receive = waiting.getFirst();
        Step next = waiting.stream()
                .filter(step -> step.call() == Call.SEND
                        && step.connection() == receive.connection()
                        && step.side() != receive.side())
                .findFirst()
                .orElse(receive);
        waiting.remove(next);
        place(next, new End(next.connection(), next.side()));
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
            if (step.connection() != 0 && (held.contains(end) || tooEarly(step))) {
                held.add(end);
                continue;
            }
            steps.remove();
            place(step, end);
            placed = true;
        }
        return placed;
    }

    private boolean tooEarly(Step step) {
        if (step.call() != Call.RECEIVE) {
            return false;
        }
        Side other = step.side() == Side.CLIENT ? Side.SERVER : Side.CLIENT;
        long sentThere = sent.getOrDefault(new End(step.connection(), other), 0L);
        long receivedHere = received.getOrDefault(new End(step.connection(), step.side()), 0L);
        return receivedHere + step.bytes() > sentThere;
    }

    private void place(Step step, End end) {
        if (step.call() == Call.SEND) {
            sent.merge(end, (long) step.bytes(), Long::sum);
        } else if (step.call() == Call.RECEIVE) {
            received.merge(end, (long) step.bytes(), Long::sum);
        }
        ordered.add(step);
    }
}
