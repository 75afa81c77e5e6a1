package dev.parley.tests.load;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Message;
import dev.parley.frame.Header;
import dev.parley.link.ControlFrames;
import dev.parley.net.Address;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.QuietMachine;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests connections that are held for long and only answer pings, each once in the interval of pings: {@code
 * -Dparley.held.minutes=10} holds 9,900 for ten minutes.
 */
@Timeout(1_500)
class HeldConnectionsTest {
    private static final int MINUTES = Integer.getInteger("parley.held.minutes", 0);
    private static final boolean IN_FULL = MINUTES > 0;
    private static final int CONNECTIONS = IN_FULL ? 9_900 : 300;
    private static final Duration HELD = IN_FULL ? Duration.ofMinutes(MINUTES) : Duration.ofSeconds(3);
    private static final Duration INTERVAL = IN_FULL ? Duration.ofSeconds(30) : Duration.ofMillis(1_500);

    /** The share of all the processors of this machine together. */
    private static final double CPU_PERCENT_MAX = 2;

    private final Programs programs = new Programs();
    private final List<MessagePeer> peers = new ArrayList<>();
    private long slowestNanos;
    private long pings;

    @AfterEach
    void end() throws Exception {
        for (MessagePeer peer : peers) {
            peer.close();
        }
        programs.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void eachIsAnsweredAndTheServerIsNearlyIdle(String transport) throws Exception {
        Usable.transport(transport);
        var server = programs.parleyWith(
                Programs.LITTLE_MEMORY,
                "app",
                "server",
                "tcp://127.0.0.1:0",
                "--transport",
                transport,
                "--idle-timeout",
                "0");
        Address address = Address.parse(Programs.addressOf(server));
        for (int i = 0; i < CONNECTIONS; i++) {
            peers.add(MessagePeer.connect(address));
            // Answered: so it is accepted, and the backlog never overflows.
            peers.getLast().send(request(1, "parley.peer", Message.text(""))).receive();
        }
        round(System.nanoTime()); // a process that has just been started compiles what pings run through
        pings = 0;
        slowestNanos = 0;
        Duration cpuBefore = cpu(server);
        long began = System.nanoTime();
        while (System.nanoTime() - began < HELD.toNanos()) {
            round(System.nanoTime());
        }
        double percent = 100.0 * cpu(server).minus(cpuBefore).toNanos() / (System.nanoTime() - began);
        System.out.printf(
                Locale.ROOT,
                "promise C5: %s: %d connections held for %d s: %d pings answered, in %.1f ms at most; %.2f %% of a core%n",
                transport,
                CONNECTIONS,
                HELD.toSeconds(),
                pings,
                slowestNanos / 1e6,
                percent);
        QuietMachine.assertAtMost("the slowest answer", INTERVAL, slowestNanos);
        if (IN_FULL) {
            assertThat(percent / Runtime.getRuntime().availableProcessors()).isLessThanOrEqualTo(CPU_PERCENT_MAX);
        }
    }

    /** Lets each connection answer one ping, spread over the interval. */
    private void round(long beganNanos) throws IOException {
        for (int i = 0; i < peers.size(); i++) {
            long due = beganNanos + INTERVAL.toNanos() * i / peers.size();
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            ping(peers.get(i));
        }
    }

    private void ping(MessagePeer peer) throws IOException {
        long began = System.nanoTime();
        Header pong = peer.send(ControlFrames.of(ControlFrames.PING, ++pings))
                .receive()
                .header();
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - began);
        assertThat(pong.text(Header.CONTROL)).isEqualTo(ControlFrames.PONG);
        assertThat(pong.id()).isEqualTo(pings);
    }

    private static Duration cpu(Programs.Running server) {
        return server.process.info().totalCpuDuration().orElseThrow();
    }
}
