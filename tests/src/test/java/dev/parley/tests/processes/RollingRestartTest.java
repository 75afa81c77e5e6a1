package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.DrainReport;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests two servers that are restarted in turn under load: no client notices. {@code -Dparley.restarts=20} for more
 * restarts.
 */
@Timeout(300)
class RollingRestartTest {
    private static final int RESTARTS = Integer.getInteger("parley.restarts", 6);
    private static final int CALLS_BETWEEN = 600;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Census census = new Census();
    private final ConcurrentHashMap<Integer, Integer> handled = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();

    @AfterEach
    void nothingIsLeft() {
        census.assertNothingLeft();
    }

    private Server start(Address address) throws Exception {
        EventLoop loop = census.watch(EventLoop.builder().observer(census).start());
        Server server = Server.builder()
                .observer(census)
                .on("count", request -> {
                    handled.merge(Integer.parseInt(request.text()), 1, Integer::sum);
                    return request;
                })
                .listen(loop, address);
        loops.add(loop);
        return server;
    }

    private final List<EventLoop> loops = new ArrayList<>();

    @Test
    void noCallIsLostOrDoubled(@TempDir Path directory) throws Exception {
        List<Address> addresses =
                List.of(new Address.Unix(directory.resolve("a")), new Address.Unix(directory.resolve("b")));
        List<Server> servers = new ArrayList<>(List.of(start(addresses.get(0)), start(addresses.get(1))));
        EventLoop clientLoop = census.watch(EventLoop.builder().observer(census).start());
        var stop = new AtomicBoolean();
        try (Client client = Client.builder(addresses.toArray(Address[]::new))
                .loop(clientLoop)
                .waitForReady(true)
                .connect()) {
            Thread load = Thread.startVirtualThread(() -> load(client, stop));
            for (int restart = 0; restart < RESTARTS; restart++) {
                int until = asked.get() + CALLS_BETWEEN;
                Await.until("some calls were made", () -> asked.get() >= until);
                int which = restart % 2;
                DrainReport report = servers.get(which).drain(Duration.ofSeconds(10));
                assertThat(report.requestsCut()).isZero();
                loops.get(restart).close();
                servers.set(which, start(addresses.get(which)));
            }
            stop.set(true);
            load.join();
            Await.until("every call has ended", () -> answered.get() + failures.size() == asked.get());
        }
        servers.forEach(Server::close);
        loops.forEach(EventLoop::close);
        clientLoop.close();
        System.out.printf(
                "promise rolling restarts: %d restarts, %d calls, %d failed, %d doubled%n",
                RESTARTS,
                asked.get(),
                failures.size(),
                handled.values().stream().filter(times -> times > 1).count());
        assertThat(failures).isEmpty();
        assertThat(handled).hasSize(asked.get());
        assertThat(handled.values()).containsOnly(1);
    }

    /**
     * Makes about a thousand calls a second: the next ten when the ten before have their answers, and a moment is over.
     */
    private void load(Client client, AtomicBoolean stop) {
        while (!stop.get()) {
            var some = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < 10; i++) {
                String number = Integer.toString(asked.incrementAndGet());
                some.add(client.callAsync("count", Message.text(number), CallOptions.timeout(PATIENCE))
                        .whenComplete((answer, failure) -> {
                            if (failure == null && answer.text().equals(number)) {
                                answered.incrementAndGet();
                            } else {
                                failures.add(failure == null ? new AssertionError("another's answer") : failure);
                            }
                        })
                        .exceptionally(told -> Message.text(""))
                        .toCompletableFuture());
            }
            CompletableFuture.allOf(some.toArray(CompletableFuture[]::new))
                    .completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            var _ = Await.within(Duration.ofMillis(8), stop::get); // the pace of the load, not an assertion
        }
    }
}
