package dev.parley.tests.attack;

import org.jspecify.annotations.Nullable;

/** The actions of an attacker on one connection. Called on the attackers' thread. */
interface Attack {
    /**
     * Returns the bytes that it sends next as soon as the system has taken all before them; null for nothing by now.
     */
    default byte @Nullable [] more() {
        return null;
    }

    /** Returns the bytes that it sends in each beat; null for nothing. */
    default byte @Nullable [] beat() {
        return null;
    }

    /** Returns whether it reads the bytes that are sent to it. */
    default boolean reads() {
        return true;
    }

    /**
     * Returns whether all that it waits for has come: the answers that it asked for, or the end of the connection by
     * the server. On a busy host that may take longer than the attack.
     *
     * @param answers how many have come
     */
    default boolean isDone(int answers) {
        return true;
    }

    /** Returns whether it connects again when it was closed. */
    default boolean comesBack() {
        return false;
    }
}
