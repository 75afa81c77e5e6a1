package dev.parley.tests.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.Message;
import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.ManualTicker;
import dev.parley.tests.bed.Usable;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a clock that jumps, like that of a machine that slept: calls made before and after a jump are answered. */
@Timeout(300)
class TimeJumpsTest {
    private static final int JUMPS = 300;

    /** A peer has no time to answer a ping before the next jump. */
    private static final MessageLimits NO_PINGS =
            MessageLimits.DEFAULT.withPing(Duration.ofDays(9), Duration.ofSeconds(10));

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void callsAreAnsweredAfterEachJump(String transport) throws Exception {
        long seed = Long.getLong("parley.seed", System.nanoTime());
        var random = new Random(seed);
        var ticker = new ManualTicker();
        var census = new Census();
        EventLoop.Builder settings = EventLoop.builder()
                .transport(Usable.transport(transport))
                .observer(census)
                .ticker(ticker);
        try (EventLoop serving = census.watch(settings.start());
                EventLoop asking = census.watch(settings.start());
                Server server = Server.builder()
                        .onLoop("here", request -> request)
                        .on("away", request -> request)
                        .limits(NO_PINGS)
                        .listen(serving, Address.parse("tcp://127.0.0.1:0"));
                Client client = Client.builder(server.address())
                        .loop(asking)
                        .limits(NO_PINGS)
                        .start()) {
            for (int i = 0; i < JUMPS; i++) {
                String action = random.nextBoolean() ? "here" : "away";
                CompletableFuture<Message> call = client.callAsync(
                                action, Message.text("x"), CallOptions.DEFAULT.withoutTimeout())
                        .toCompletableFuture();
                if (random.nextBoolean()) {
                    ticker.advance(Duration.ofMillis(random.nextInt(62_000)));
                }
                assertThat(call.get(30, TimeUnit.SECONDS).text())
                        .as("seed %d, jump %d", seed, i)
                        .isEqualTo("x");
                ticker.advance(Duration.ofMillis(random.nextInt(62_000)));
            }
        }
        census.assertNothingLeft();
    }
}
