package dev.parley.frame;

import java.util.Set;

/** Which way a message goes: some keys are the client's to send, some the server's. */
public enum Direction {
    /** From the connecting end to the accepting one. */
    REQUEST,
    /** Back. */
    RESPONSE;

    private static final Set<String> OF_RESPONSES = Set.of("status", "close");
    private static final Set<String> OF_REQUESTS =
            Set.of("action", "reply", "timeout-ms", "accept-coding", "authorization", "traceparent", "idempotency-key");

    /** The keys that only the other side may send. */
    Set<String> keysOfOtherSide() {
        return this == REQUEST ? OF_RESPONSES : OF_REQUESTS;
    }
}
