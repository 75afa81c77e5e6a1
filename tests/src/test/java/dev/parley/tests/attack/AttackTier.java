package dev.parley.tests.attack;

import java.time.Duration;

/** The size of each attack in a run of the tests: {@code -Dparley.attacks=full} for the promised figures. */
enum AttackTier {
    /** A tenth of each number and each time, for every build. */
    SHORT(10, Duration.ofMillis(400), Duration.ofMillis(600)),
    FULL(1, Duration.ofSeconds(3), Duration.ofSeconds(10));

    private final int divisor;
    private final Duration warmUp;
    private final Duration quiet;

    AttackTier(int divisor, Duration warmUp, Duration quiet) {
        this.divisor = divisor;
        this.warmUp = warmUp;
        this.quiet = quiet;
    }

    static AttackTier ofThisRun() {
        return System.getProperty("parley.attacks", "").equals("full") ? FULL : SHORT;
    }

    int divisor() {
        return divisor;
    }

    Duration time(Duration inFull) {
        return inFull.dividedBy(divisor);
    }

    /**
     * Returns how long good clients are alone before anything is measured, while the server's code is being compiled.
     */
    Duration warmUp() {
        return warmUp;
    }

    Duration quiet() {
        return quiet;
    }
}
