package dev.parley.testkit;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The state that all connections of a simulated network share: the time, the rules for their bytes, their numbers, and
 * the pipes that wait for separated hosts. The clock's monitor guards it.
 */
final class SimWire {
    /** A pipe that waits until hosts are connected again. */
    interface Held {
        /** Sends the held packets again. */
        void resend();
    }

    private final SimClock clock;
    private final SimRules rules = new SimRules();
    private final Set<Held> holding = new LinkedHashSet<>();
    private int connections;

    SimWire(SimClock clock) {
        this.clock = clock;
    }

    SimClock clock() {
        return clock;
    }

    SimRules rules() {
        return rules;
    }

    int nextConnection() {
        connections++;
        return connections;
    }

    void hold(Held pipe) {
        holding.add(pipe);
    }

    void resendHeld() {
        var resent = List.copyOf(holding);
        holding.clear();
        resent.forEach(Held::resend);
    }

    void trace(String what) {
        clock.trace.add(clock.nowNanos(), what);
    }
}
