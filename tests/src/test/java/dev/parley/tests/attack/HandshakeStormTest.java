package dev.parley.tests.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.Receiver;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.TestCertificates;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests thousands of handshakes that are never finished, and silent peers at the same time: open connections are served
 * as before. Every build runs it small; {@code -Dparley.attacks=full} as promised.
 */
@Timeout(300)
class HandshakeStormTest {
    private static final AttackTier TIER = AttackTier.ofThisRun();
    private static final int EACH_SECOND = 2_000;
    private static final int SILENT = 1_000;
    private static final int GOOD = 50;
    private static final long APART_NANOS = 1_000_000;
    private static final int REQUEST_BYTES = 64;
    private static final Duration STORM = Duration.ofSeconds(10);

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Queue<Long> tookNanos = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();

    /** A client that has shaken hands before the storm. Used on its loop's thread. */
    private final class Good implements Receiver {
        private final Deque<Long> dueNanos = new ArrayDeque<>();
        private final LoopConnection connection;
        private int receivedBytes;

        Good(EventLoop loop, Address address) {
            connection = loop.connect(address, this);
        }

        void send(long dueAtNanos) {
            dueNanos.addLast(dueAtNanos);
            connection.send(new byte[REQUEST_BYTES]);
        }

        @Override
        public void bytes(LoopConnection same, ByteBuffer bytes) {
            receivedBytes += bytes.remaining();
            for (; receivedBytes >= REQUEST_BYTES; receivedBytes -= REQUEST_BYTES) {
                tookNanos.add(System.nanoTime() - dueNanos.removeFirst());
            }
        }

        @Override
        public void closed(LoopConnection same, CloseReason reason) {
            if (!dueNanos.isEmpty()) {
                errors.add(same.closeText());
            }
        }
    }

    /** Sends at a fixed pace, whether or not answers come, and returns how long they took. */
    private Latencies during(Duration time, EventLoop loop, List<Good> clients) {
        tookNanos.clear();
        long startNanos = System.nanoTime();
        long count = time.toNanos() / APART_NANOS;
        for (long i = 0; i < count; i++) {
            long due = startNanos + i * APART_NANOS;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            Good client = clients.get((int) (i % clients.size()));
            loop.execute(() -> client.send(due));
        }
        Await.until("all are answered", () -> tookNanos.size() == count || !errors.isEmpty());
        assertThat(errors).isEmpty();
        return Latencies.of(tookNanos.stream().mapToLong(Long::longValue).toArray());
    }

    private static Programs.Running storm(Programs programs, Address.Tls server) throws Exception {
        Programs.Running storm = programs.mainUnder(
                List.of("nice", "-n", "19"),
                List.of("-Xmx128m"),
                HelloStorm.class,
                Integer.toString(server.port()),
                Integer.toString(EACH_SECOND / TIER.divisor()),
                Long.toString(TIER.time(STORM).plusSeconds(1).toMillis()),
                Integer.toString(SILENT / TIER.divisor()));
        assertThat(storm.firstLine()).isEqualTo(HelloStorm.BEGINS);
        return storm;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "io_uring"})
    void openConnectionsAreServedAsBefore(String transport) throws Exception {
        try (var programs = new Programs()) {
            Programs.Running server = programs.parleyWith(
                    Programs.LITTLE_MEMORY,
                    "multi",
                    "server",
                    "tls://127.0.0.1:0",
                    "--transport",
                    transport,
                    "--tls-cert",
                    TestCertificates.certificate().toString(),
                    "--tls-key",
                    TestCertificates.key().toString());
            var address = (Address.Tls) Address.parse(Programs.addressOf(server));
            Tls tls = Tls.builder().authorities(TestCertificates.certificate()).build();
            EventLoop loop = bed.newLoop(EventLoop.builder().tls(tls));
            List<Good> clients = new ArrayList<>();
            for (int i = 0; i < GOOD; i++) {
                clients.add(new Good(loop, address));
            }
            during(TIER.warmUp(), loop, clients);
            if (TIER == AttackTier.FULL) { // a first one, while the server's code for handshakes is being compiled
                Programs.Running first = storm(programs, address);
                assertThat(first.exitCode()).isZero();
            }
            Latencies quiet = during(TIER.quiet(), loop, clients);
            Programs.Running storm = storm(programs, address);
            Latencies under = during(TIER.time(STORM), loop, clients);
            assertThat(storm.exitCode()).as(storm.err()).isZero();
            System.out.printf(
                    Locale.ROOT,
                    "promise T9: %s: quiet %s; under the storm %s; %s%n",
                    transport,
                    quiet,
                    under,
                    storm.out().lines().skip(1).findFirst().orElse(""));
            assertThat(storm.out()).as("the server answers handshakes").doesNotContain(" 0 answered");
            if (TIER == AttackTier.FULL) {
                assertThat(under.p99Millis()).isLessThanOrEqualTo(2 * quiet.p99Millis() + 5);
            }
            try (Connection late = Connection.connect(loop, address)) {
                late.out().write(42);
                assertThat(late.in().read()).as("a handshake after the storm").isEqualTo(42);
            }
        }
    }
}
