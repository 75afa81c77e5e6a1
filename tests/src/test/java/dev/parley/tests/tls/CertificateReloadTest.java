package dev.parley.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.parley.net.Address;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.tls.Tls;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.TestBed;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise T4: tests that keys are replaced under load, no handshake fails, and each new key is shown within a second.
 * {@code -Dparley.swaps=100} makes it as long as promised.
 */
@Timeout(300)
class CertificateReloadTest {
    private static final int SWAPS = Integer.getInteger("parley.swaps", 20);
    private static final int CONNECTING = 3;
    private static final Duration SEEN_WITHIN = Duration.ofSeconds(1);

    /** The time that a thread of this process may have to wait for its turn on a busy machine. */
    private static final Duration BUSY = Duration.ofSeconds(2);

    @TempDir
    private static Path directory;

    private static Authority authority;
    private static final List<Authority.Issued> PAIRS = new ArrayList<>();

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final Path chain = directory.resolve("live.pem");
    private final Path key = directory.resolve("live-key.pem");
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger handshakes = new AtomicInteger();
    private volatile String shown = "";
    private volatile boolean over;

    @BeforeAll
    static void makePairs() throws Exception {
        assumeTrue(Usable.isInstalled("openssl"), "openssl is not installed");
        authority = Authority.make(directory, "authority");
        for (int i = 0; i < 3; i++) {
            PAIRS.add(authority.issue("pair " + i, "serverAuth"));
        }
    }

    private void connectAgainAndAgain(Address address) {
        try {
            while (!over) {
                // Each has settings of its own, since a session that is resumed shows no certificate.
                Tls tls = Tls.builder().authorities(authority.certificate()).build();
                try (EventLoop loop = EventLoop.builder().tls(tls).start();
                        Connection connection = Connection.connect(loop, address)) {
                    connection.out().write(7);
                    assertThat(connection.in().read()).isEqualTo(7);
                    shown = connection
                            .info()
                            .peerCertificates()
                            .getFirst()
                            .getSubjectX500Principal()
                            .getName();
                    handshakes.incrementAndGet();
                }
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e.toString());
        }
    }

    @Test
    void noHandshakeFailsAndEachKeyIsSeen() throws Exception {
        PAIRS.getLast().replace(chain, key);
        Address address = bed.newLoop(EventLoop.builder()
                        .tls(Tls.builder().certificate(chain, key).build()))
                .listen("tls://127.0.0.1:0", (connection, bytes) -> connection.send(bytes))
                .address();
        List<Thread> connecting = new ArrayList<>();
        for (int i = 0; i < CONNECTING; i++) {
            connecting.add(Thread.ofPlatform().start(() -> connectAgainAndAgain(address)));
        }
        long longestNanos = 0;
        for (int i = 0; i < SWAPS; i++) {
            Authority.Issued next = PAIRS.get(i % PAIRS.size());
            String name = "CN=pair " + i % PAIRS.size();
            next.replace(chain, key);
            long swappedNanos = System.nanoTime();
            boolean seen = Await.within(SEEN_WITHIN.plus(BUSY), () -> shown.equals(name) || !failures.isEmpty());
            assertThat(failures).as("swap %d", i).isEmpty();
            assertThat(seen).as("swap %d is seen", i).isTrue();
            longestNanos = Math.max(longestNanos, System.nanoTime() - swappedNanos);
        }
        over = true;
        for (Thread each : connecting) {
            each.join();
        }
        assertThat(failures).isEmpty();
        System.out.printf(
                "promise T4: %d swaps, %d handshakes, none failed, each key seen within %d ms%n",
                SWAPS, handshakes.get(), longestNanos / 1_000_000);
    }
}
