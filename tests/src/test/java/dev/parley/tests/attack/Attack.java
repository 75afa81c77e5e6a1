package dev.parley.tests.attack;

import org.jspecify.annotations.Nullable;

/** What an attacker does with one connection. On the attackers' thread. */
interface Attack {
    /** What it sends next as soon as the system has taken all before it; null for nothing by now. */
    default byte @Nullable [] more() {
        return null;
    }

    /** What it sends in each beat; null for nothing. */
    default byte @Nullable [] beat() {
        return null;
    }

    /** Whether it reads what it is sent. */
    default boolean reads() {
        return true;
    }

    /**
     * Whether nothing more is to come that it waits for: the answers that it asked for, or that the server ends the
     * connection. On a busy host that may take longer than the attack.
     *
     * @param answers how many have come
     */
    default boolean isDone(int answers) {
        return true;
    }

    /** Whether it connects again when it was closed. */
    default boolean comesBack() {
        return false;
    }
}
