package dev.parley.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Action;
import dev.parley.Client;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Census;
import dev.parley.testkit.CensusExtension;
import dev.parley.testkit.SimNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests messages over a simulated network: what the test kit's page promises for handlers on the loop. */
@Timeout(300)
@ExtendWith(CensusExtension.class)
class SimMessagesTest {
    record Add(int one, int other) {}

    record Sum(int sum) {}

    private static final Action<Add, Sum> ADD = Action.of("add", Add.class, Sum.class);
    private static final long SEED = Long.getLong("parley.sim.seed", 28);

    private static List<String> run(Census census, long seed) throws Exception {
        try (var net = new SimNet(seed)
                .latency(Duration.ofMillis(1), Duration.ofMillis(500))
                .pieces(1, 30)
                .buffers(10, 100)) {
            EventLoop serverLoop = net.startLoop("server", EventLoop.builder().observer(census));
            EventLoop clientLoop = net.startLoop("client", EventLoop.builder().observer(census));
            Server server = Server.builder()
                    .observer(census)
                    .onLoop(ADD, add -> new Sum(add.one() + add.other()))
                    .listen(serverLoop, Address.parse("mem:calculator"));
            Client client = Client.builder(server.address())
                    .plain(true)
                    .loop(clientLoop)
                    .start();
            var sums = new ArrayList<Integer>();
            clientLoop.execute(() -> {
                for (int i = 0; i < 20; i++) {
                    client.callAsync(ADD, new Add(i, i)).thenAccept(sum -> sums.add(sum.sum()));
                }
            });
            net.runUntil("all have an answer", Duration.ofMinutes(1), () -> sums.size() == 20);
            assertThat(sums).as("%s", net).contains(0, 38);
            return net.trace();
        }
    }

    @Test
    void callsAndHandlersOnTheLoopAreRepeatedByTheSeed(Census census) throws Exception {
        List<String> first = run(census, SEED);
        assertThat(run(census, SEED)).isEqualTo(first);
        assertThat(run(census, SEED + 1)).isNotEqualTo(first);
    }
}
