package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Client;
import dev.parley.ClientState;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.SimNet;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that five thousand clients that lose their server at one moment do not come back at one moment. */
@Timeout(300)
class ReconnectSimulationTest {
    private static final Address ADDRESS = Address.parse("mem:server");
    private static final int CLIENTS = 5_000;
    private static final long WINDOW_MILLIS = 100;
    private static final long SEED = Long.getLong("parley.sim.seed", 8);

    private final Map<Long, Integer> attemptsByWindow = new TreeMap<>();

    private LoopObserver counting(SimNet net) {
        return new LoopObserver() {
            @Override
            public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
                attemptsByWindow.merge(net.now().toMillis() / WINDOW_MILLIS, 1, Integer::sum);
            }
        };
    }

    private static void startServer(SimNet net) throws Exception {
        EventLoop loop = net.startLoop("server", EventLoop.builder().observer(new LoopObserver() {}));
        Server.builder()
                .observer(new LoopObserver() {})
                .onLoop("ask", request -> Message.text("answer"))
                .listen(loop, ADDRESS);
    }

    @Test
    void theirAttemptsAreSpread() throws Exception {
        var random = new SplittableRandom(SEED);
        try (var net = new SimNet(SEED)) {
            startServer(net);
            EventLoop loop = net.startLoop("clients", EventLoop.builder().observer(counting(net)));
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Client.builder(ADDRESS)
                        .loop(loop)
                        .random(new SplittableRandom(random.nextLong()))
                        .start());
            }
            net.runUntil("all are connected", () -> areReady(clients));
            net.run(Duration.ofSeconds(60));
            attemptsByWindow.clear();
            net.crash("server");
            net.run(Duration.ofSeconds(40));
            startServer(net);
            Duration back = net.now();
            net.runUntil("all are back", Duration.ofMinutes(5), () -> areReady(clients));
            double took = net.now().minus(back).toMillis() / 1e3;
            int worst = Collections.max(attemptsByWindow.values());
            System.out.printf(
                    "promise reconnect: %d clients, at most %.1f %% of them in any 100 ms, all back after %.1f s, seed %d%n",
                    CLIENTS, 100.0 * worst / CLIENTS, took, SEED);
            assertThat(worst).as("seed %d", SEED).isLessThanOrEqualTo(CLIENTS * 15 / 100);
            assertThat(took).as("seed %d", SEED).isLessThan(35);
            clients.forEach(Client::close);
        }
    }

    private static boolean areReady(List<Client> clients) {
        return clients.stream().allMatch(client -> client.state() == ClientState.READY);
    }
}
