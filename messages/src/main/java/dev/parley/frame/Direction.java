package dev.parley.frame;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The direction of a message. Some keys may only be sent by the client, some only by the server. */
public enum Direction {
    /** From the connecting end to the accepting one. */
    REQUEST,
    /** From the accepting end back to the connecting one. */
    RESPONSE;

    private static final Set<String> OF_RESPONSES = inOrder("status", "close");
    private static final Set<String> OF_REQUESTS = inOrder(
            "action", "reply", "timeout-ms", "accept-coding", "authorization", "traceparent", "idempotency-key");

    /** All keys of the protocol except the tutorial's four and {@code id}. */
    static final Set<String> OWN_KEYS = Stream.of(
                    OF_RESPONSES, OF_REQUESTS, Set.of(Header.MORE, Header.CONTROL, Header.CONTENT_CODING))
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    private static Set<String> inOrder(String... keys) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(keys)));
    }

    /** Returns the keys that only the other side may send, in the order in which they are looked for. */
    Set<String> keysOfOtherSide() {
        return this == REQUEST ? OF_RESPONSES : OF_REQUESTS;
    }
}
