package dev.parley.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Tests how long a node waits between attempts to connect again. Time is what the pool asks to wait for. */
class PersistentServersTest {
    private static final String[] SERVERS = {"nats://a:1", "nats://b:2", "nats://c:3"};

    private final List<Long> pauses = new ArrayList<>();

    private PersistentServers connected() {
        var pool = new PersistentServers(Duration.ofMillis(250), pauses::add);
        pool.initialize(Options.builder().servers(SERVERS).maxReconnects(-1).build());
        pool.connectSucceeded(Objects.requireNonNull(pool.nextServer()));
        return pool;
    }

    @Test
    void afterALongOutageItWaitsOnceForAllServersAndAtMostTwoSeconds() {
        PersistentServers pool = connected();
        var names = new HashSet<String>();
        for (int round = 0; round < 1_000; round++) {
            for (int i = 0; i < SERVERS.length; i++) {
                var next = Objects.requireNonNull(pool.nextServer());
                assertThat(names.add(next.toString())).isTrue();
                pool.connectFailed(next);
            }
            assertThat(pauses).hasSize(round);
        }
        assertThat(pauses.getFirst()).isLessThan(Duration.ofMillis(500).toNanos());
        assertThat(pauses.getLast())
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(pauses).allMatch(nanos -> nanos <= Duration.ofSeconds(2).toNanos());
    }

    @Test
    void theFirstConnectionWaitsForNothing() {
        var pool = new PersistentServers(Duration.ofMillis(250), pauses::add);
        pool.initialize(Options.builder().servers(SERVERS).build());
        for (int i = 0; i < 10; i++) {
            assertThat(pool.nextServer()).isNotNull();
        }
        assertThat(pauses).isEmpty();
    }

    @Test
    void onceConnectedItBeginsAnew() {
        PersistentServers pool = connected();
        for (int i = 0; i < 1_000; i++) {
            pool.connectFailed(Objects.requireNonNull(pool.nextServer()));
        }
        pool.connectSucceeded(Objects.requireNonNull(pool.nextServer()));
        pauses.clear();
        for (int i = 0; i < SERVERS.length; i++) {
            var _ = pool.nextServer();
        }
        assertThat(pauses).isEmpty();
    }
}
