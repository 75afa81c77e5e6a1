package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Codec;
import dev.parley.Message;
import dev.parley.server.WaitingRequests.WaitingRequest;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaitingRequestsTest {
    record Numbers(List<Long> numbers) {}

    private static Message question() {
        String numbers = IntStream.range(0, 10_000).mapToObj(i -> "1").collect(Collectors.joining(","));
        return Message.json("{\"numbers\": [" + numbers + "]}");
    }

    @Test
    void aHeaderCountsWhileItWaits() {
        var held = new WaitingRequests();
        held.add(WaitingRequest.of(Message.text("").with("x-note", "x".repeat(1_000)), null, 0));
        assertThat(held.heldBytes()).isGreaterThan(1_000);
    }

    /** A digit and a comma become an object: what waits is counted as what it has become. */
    @Test
    void whatWasBoundAheadCountsWhileItWaits() {
        var held = new WaitingRequests();
        Message question = question();
        WaitingRequest unbound = WaitingRequest.of(question, null, 0);
        held.add(unbound);
        long before = held.heldBytes();
        question.bindAhead(Codec.of(Numbers.class));
        assertThat(held.replace(unbound, WaitingRequest.of(question, null, 0))).isTrue();
        assertThat(held.heldBytes()).isGreaterThan(before + 10_000 * 16);
        assertThat(held.poll(WaitingRequests.Kind.PLAIN)).isNotNull();
        assertThat(held.heldBytes()).isZero();
    }
}
