package dev.parley.tests.attack;

import java.util.Arrays;

/** The times of answers, each from the moment at which its request was meant to be sent. */
final class Latencies {
    private final long[] sortedNanos;

    private Latencies(long[] sortedNanos) {
        this.sortedNanos = sortedNanos;
    }

    static Latencies of(long[] nanos) {
        Arrays.sort(nanos);
        return new Latencies(nanos);
    }

    int count() {
        return sortedNanos.length;
    }

    double percentileMillis(double percent) {
        int at = (int) Math.ceil(percent / 100 * sortedNanos.length) - 1;
        return sortedNanos[Math.max(0, at)] / 1e6;
    }

    double p99Millis() {
        return percentileMillis(99);
    }

    @Override
    public String toString() {
        return String.format("p50 %.2f p99 %.2f max %.1f ms", percentileMillis(50), p99Millis(), percentileMillis(100));
    }
}
