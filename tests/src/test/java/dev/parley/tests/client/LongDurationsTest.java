package dev.parley.tests.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.net.Limits;
import dev.parley.tests.bed.TestBed;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests durations that a user writes for "never", and that no clock can count: they are as long as a clock can count.
 */
@Timeout(120)
class LongDurationsTest {
    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    static List<Duration> never() {
        return List.of(
                ChronoUnit.FOREVER.getDuration(),
                Duration.ofSeconds(Long.MAX_VALUE),
                Duration.ofMillis(Long.MAX_VALUE),
                Duration.ofNanos(Long.MAX_VALUE),
                Duration.ofDays(365 * 200));
    }

    @ParameterizedTest
    @MethodSource
    void never(Duration never) throws Exception {
        MessageLimits limits = MessageLimits.DEFAULT
                .withPing(never, never)
                .withTimeouts(never, never)
                .withDrainGrace(never)
                .withConnectionAgeMax(never);
        var ofLoop = EventLoop.builder()
                .limits(Limits.DEFAULT
                        .withConnectTimeout(never)
                        .withIdleTimeout(never)
                        .withWriteTimeout(never)
                        .withLinger(never, 1_000));
        EventLoop loop = bed.newLoop(ofLoop);
        Server server = bed.keep(bed.server()
                .limits(limits)
                .on("echo", request -> request)
                .onLoop("here", request -> request)
                .listen(loop, Address.parse("tcp://127.0.0.1:0")));
        Client client = bed.keep(
                Client.builder(server.address()).loop(loop).limits(limits).connect());
        String text = "x".repeat(100_000); // arrives in pieces
        for (String action : List.of("echo", "here")) {
            assertThat(client.call(action, Message.text(text), CallOptions.timeout(never))
                            .text())
                    .isEqualTo(text);
        }
        assertThat(client.drain(never)).isZero();
        assertThat(server.drain(never).connectionsCut()).isZero();
    }
}
