package dev.parley.testkit;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One direction of a simulated connection between two hosts. Packets arrive in order, each after a latency of its own.
 * While the hosts are separated, the packets wait. The clock's monitor guards it.
 */
final class SimPipe implements SimWire.Held {
    private record Packet(String what, Runnable arrive) {}

    private final SimWire wire;
    private final String from;
    private final String to;
    private final int connection;
    private final Queue<Packet> packets = new ArrayDeque<>();
    private long lastNanos;
    private int held;

    SimPipe(SimWire wire, String from, String to, int connection) {
        this.wire = wire;
        this.from = from;
        this.to = to;
        this.connection = connection;
    }

    void send(String what, Runnable arrive) {
        packets.add(new Packet(what, arrive));
        scheduleOne();
    }

    /**
     * Schedules one arrival. At that time, the packet that is then the first in the queue arrives. So no packet
     * overtakes an earlier packet that was held.
     */
    private void scheduleOne() {
        SimClock clock = wire.clock();
        long soonest = clock.nowNanos() + wire.rules().drawLatency(clock.random);
        lastNanos = Math.max(lastNanos, soonest);
        clock.schedule(lastNanos, this::arriveOne);
    }

    private void arriveOne() {
        if (wire.rules().areApart(from, to)) {
            held++;
            wire.hold(this);
            return;
        }
        Packet next = packets.remove();
        wire.trace("#" + connection + " " + from + " > " + to + ": " + next.what());
        next.arrive().run();
    }

    /** Sends the held packets again. Called when hosts are connected again. */
    @Override
    public void resend() {
        for (; held > 0; held--) {
            scheduleOne();
        }
    }
}
