package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.CallException;
import dev.parley.CallOptions;
import dev.parley.Client;
import dev.parley.ConnectionLostException;
import dev.parley.Message;
import dev.parley.net.Address;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.tests.bed.Programs;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests a client that goes on while its server process is killed, again and again: {@code -Dparley.kills=100}. */
@Timeout(600)
class KilledServerTest {
    private static final int KILLS = Integer.getInteger("parley.kills", 5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Programs programs = new Programs();
    private final AtomicInteger attempts = new AtomicInteger();
    private final List<Integer> acknowledged = new ArrayList<>();
    private int asked;
    private int unknown;
    private long worstMillis;

    @AfterEach
    void end() throws Exception {
        programs.close();
    }

    @Test
    void noAcknowledgedCallIsLostAndEveryPendingOneIsTold(@TempDir Path directory) throws Exception {
        Path done = directory.resolve("done");
        Path socket = directory.resolve("s");
        String address = "unix:" + socket;
        LoopObserver counting = new LoopObserver() {
            @Override
            public void connecting(ConnectionInfo connection, SocketAddress endpoint) {
                attempts.incrementAndGet();
            }
        };
        Client client = null;
        long began = System.nanoTime();
        try (EventLoop loop = EventLoop.builder().observer(counting).start()) {
            for (int kill = 0; kill < KILLS; kill++) {
                var server = programs.main(List.of(), CountingServer.class, address, done.toString());
                server.firstLine();
                if (client == null) {
                    client = Client.builder(Address.parse(address))
                            .loop(loop)
                            .waitForReady(true)
                            .connect();
                }
                ask(client, 200);
                killUnder(client, server);
            }
            if (client != null) {
                client.close();
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        Set<Integer> written = new HashSet<>();
        Files.readAllLines(done).forEach(line -> written.add(Integer.parseInt(line)));
        System.out.printf(
                "promise kill -9: %d times, %d calls acknowledged, %d of unknown outcome, told within %d ms,"
                        + " %.1f connects a second%n",
                KILLS, acknowledged.size(), unknown, worstMillis, attempts.get() / seconds);
        assertThat(written).containsAll(acknowledged);
        assertThat(Files.readAllLines(done)).doesNotHaveDuplicates();
        assertThat(attempts.get() / seconds).as("no busy loop").isLessThan(20);
    }

    private void ask(Client client, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            int number = ++asked;
            client.call("count", Message.text(Integer.toString(number)), CallOptions.timeout(PATIENCE));
            acknowledged.add(number);
        }
    }

    /** Kills the server while some calls are under way: each soon says that the outcome is unknown. */
    private void killUnder(Client client, Programs.Running server) throws Exception {
        var pending = new ArrayList<CompletableFuture<Message>>();
        for (int i = 0; i < 10; i++) {
            pending.add(client.callAsync("wait", Message.text("x"), CallOptions.timeout(PATIENCE))
                    .toCompletableFuture());
        }
        client.call(
                "count",
                Message.text(Integer.toString(++asked)),
                CallOptions.timeout(PATIENCE)); // those before it are there by now
        acknowledged.add(asked);
        assertThat(server.process.toHandle().destroyForcibly()).isTrue();
        assertThat(server.process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        long dead = System.nanoTime();
        for (CompletableFuture<Message> call : pending) {
            try {
                call.get(60, TimeUnit.SECONDS);
                throw new AssertionError("a server that is dead has answered");
            } catch (ExecutionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(ConnectionLostException.class, lost -> assertThat(lost.outcome())
                                .isEqualTo(CallException.Outcome.UNKNOWN));
                unknown++;
            }
        }
        worstMillis = Math.max(worstMillis, (System.nanoTime() - dead) / 1_000_000);
    }
}
