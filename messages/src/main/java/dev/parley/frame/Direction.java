package dev.parley.frame;

import java.util.Set;

/** Which way a message goes: some keys are the client's to send, some the server's. */
public enum Direction {
    /** From the connecting end to the accepting one. */
    REQUEST("status", "close"),
    /** Back. */
    RESPONSE("action", "reply", "timeout-ms", "accept-coding", "authorization", "traceparent", "idempotency-key");

    private final Set<String> keysOfOtherSide;

    Direction(String... keysOfOtherSide) {
        this.keysOfOtherSide = Set.of(keysOfOtherSide);
    }

    /** The keys that only the other side may send. */
    Set<String> keysOfOtherSide() {
        return keysOfOtherSide;
    }
}
