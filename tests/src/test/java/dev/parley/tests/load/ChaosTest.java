package dev.parley.tests.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionState;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopConnection;
import dev.parley.net.LoopListener;
import dev.parley.net.Receiver;
import dev.parley.net.time.Ticker;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.tests.bed.TestCertificates;
import dev.parley.tests.bed.Usable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests a thousand connections that connect, send, pause, half-close, close and reset at random: no wrong byte comes
 * back, and afterwards nothing is left. {@code -Dparley.chaos.minutes=30} makes it long, {@code -Dparley.chaos.seed=N}
 * another one.
 */
@Timeout(value = 45, unit = TimeUnit.MINUTES)
class ChaosTest {
    private static final int CLIENTS = 1_000;
    private static final int STEPS_EACH_TURN = 200;
    private static final int STEPS = 60_000;

    /** The time between turns once all steps are done. A client then stays for about 12 s. */
    private static final Duration SLOW_TURN = Duration.ofMillis(100);

    /**
     * The least number of bytes to echo. Over TLS, a machine may do all steps before the first handshakes have ended.
     */
    private static final long ECHOED_BYTES_MIN = 100_000;

    private static final long SEED = Long.getLong("parley.chaos.seed", 20);
    private static final long MINUTES = Long.getLong("parley.chaos.minutes", 0);

    /** A server breaks off by itself once in so many times. */
    private static final int BREAKS_ONE_IN = 3_000;

    private final Census census = new Census();
    private final Random random = new Random(SEED);
    private final AtomicReference<String> wrong = new AtomicReference<>("");
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<Client> clients = new ArrayList<>();
    private int steps;
    private long echoedBytes;

    private EventLoop start(String transport, String scheme) {
        EventLoop.Builder settings = EventLoop.builder().transport(Usable.transport(transport));
        return census.startLoop(scheme.equals("tls") ? settings.tls(TestCertificates.ofBothSides()) : settings);
    }

    @ParameterizedTest
    @CsvSource({
        "io_uring, nio, tcp",
        "nio, io_uring, tcp",
        "io_uring, io_uring, tcp",
        "io_uring, io_uring, unix",
        "io_uring, nio, tls",
        "nio, io_uring, tls"
    })
    void noByteIsWrongAndNothingIsLeft(String server, String client, String scheme) throws Exception {
        Path directory = Files.createTempDirectory("parley");
        Address free = scheme.equals("unix")
                ? new Address.Unix(directory.resolve("s"))
                : Address.parse(scheme + "://127.0.0.1:0");
        var breaks = new Random(SEED + 1);
        EventLoop serverLoop = start(server, scheme);
        EventLoop clientLoop = start(client, scheme);
        try (serverLoop;
                clientLoop;
                LoopListener listener = serverLoop.listen(free, (connection, bytes) -> {
                    if (breaks.nextInt(BREAKS_ONE_IN) == 0) {
                        connection.reset();
                    } else {
                        connection.send(bytes);
                    }
                })) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(i, clientLoop, listener.address()));
            }
            long endNanos = Ticker.SYSTEM.nanos() + Duration.ofMinutes(MINUTES).toNanos();
            clientLoop.execute(() -> step(clientLoop, endNanos));
            assertThat(done.await(MINUTES * 60 + 120, TimeUnit.SECONDS))
                    .as("seed %d: the loops go on; %s", SEED, wrong)
                    .isTrue();
            clientLoop.execute(() -> clients.forEach(Client::leave));
            Await.until("all are closed", () -> census.open() == 0);
        }
        Files.delete(directory);
        assertThat(wrong.get()).as("seed %d", SEED).isEmpty();
        assertThat(echoedBytes).as("seed %d", SEED).isGreaterThanOrEqualTo(ECHOED_BYTES_MIN);
        census.assertNothingLeft();
    }

    private void step(EventLoop loop, long endNanos) {
        for (int i = 0; i < STEPS_EACH_TURN; i++) {
            clients.get(random.nextInt(CLIENTS)).step();
        }
        steps += STEPS_EACH_TURN;
        boolean goesOn =
                MINUTES == 0 ? steps < STEPS || echoedBytes < ECHOED_BYTES_MIN : Ticker.SYSTEM.nanos() - endNanos < 0;
        if (goesOn && wrong.get().isEmpty() && MINUTES == 0 && steps >= STEPS) {
            // On a busy machine, a handshake takes longer than a client stays at full speed, so that none would end.
            loop.schedule(SLOW_TURN, () -> step(loop, endNanos));
        } else if (goesOn && wrong.get().isEmpty()) {
            loop.execute(() -> step(loop, endNanos));
        } else {
            done.countDown();
        }
    }

    /** One client, which connects again when it is closed. Used on the loop's thread. */
    private final class Client implements Receiver {
        private final int number;
        private final EventLoop loop;
        private final Address address;
        private @Nullable LoopConnection connection;
        private int life;
        private long sent;
        private long received;
        private boolean leaving;

        Client(int number, EventLoop loop, Address address) {
            this.number = number;
            this.loop = loop;
            this.address = address;
        }

        private byte byteAt(long index) {
            return (byte) (number * 31 + life * 17 + index * 7 + (index >> 8));
        }

        void step() {
            LoopConnection open = connection;
            if (open == null) {
                life++;
                sent = 0;
                received = 0;
                connection = loop.connect(address, this);
                return;
            }
            boolean maySend = open.state() == ConnectionState.OPEN && open.queuedBytes() == 0;
            switch (random.nextInt(60)) {
                case 0 -> open.reset();
                case 1 -> open.close();
                case 2 -> open.shutdownOutput();
                case 3, 4 -> open.pauseReading();
                case 5, 6, 7 -> open.resumeReading();
                default -> {
                    if (maySend) {
                        send(open, 1 + random.nextInt(random.nextInt(30) == 0 ? 200_000 : 300));
                    }
                }
            }
        }

        private void send(LoopConnection open, int count) {
            var bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = byteAt(sent + i);
            }
            sent += count;
            open.send(bytes);
        }

        void leave() {
            leaving = true;
            if (connection != null) {
                connection.reset();
            }
        }

        @Override
        public void bytes(LoopConnection from, ByteBuffer bytes) {
            echoedBytes += bytes.remaining();
            while (bytes.hasRemaining()) {
                byte next = bytes.get();
                if (next != byteAt(received) || received >= sent) {
                    wrong.compareAndSet(
                            "", "client " + number + ": byte " + received + " of " + sent + " came back as " + next);
                    return;
                }
                received++;
            }
        }

        @Override
        public void closed(LoopConnection of, CloseReason reason) {
            connection = null;
            boolean expected = reason != CloseReason.FAILED && reason != CloseReason.LIMIT;
            if (!expected && !leaving) {
                wrong.compareAndSet("", "client " + number + " closed: " + reason + " " + of.closeText());
            }
        }
    }
}
