package dev.parley.tests.processes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.MessageLimits;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.EventLoop;
import dev.parley.testkit.Await;
import dev.parley.tests.bed.Programs;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests processes that are stopped for longer than their timeouts, with many connections in the middle of things:
 * {@code -Dparley.stopped.seconds=30}. A server and many clients of another server are stopped at the same time.
 */
@Timeout(300)
class StoppedProcessTest {
    private static final Duration STOPPED = Duration.ofSeconds(Integer.getInteger("parley.stopped.seconds", 4));
    private static final boolean LONG = STOPPED.toSeconds() >= 30;

    /**
     * The number of connections. A build shares its machine with others, so a thousand that begin at once would be too
     * slow for short timeouts.
     */
    private static final int CONNECTIONS = LONG ? 1_000 : 200;

    private static final Duration TIMEOUT = STOPPED.multipliedBy(3).dividedBy(4);
    private static final List<String> JVM = List.of("-Dparley.short.millis=" + TIMEOUT.toMillis());

    /** The limits of processes that are not stopped, which must not take the silence of the others for their end. */
    private static final MessageLimits PATIENT =
            MessageLimits.DEFAULT.withPing(STOPPED.plusSeconds(60), Duration.ofSeconds(60));

    private final Programs programs = new Programs();

    @AfterEach
    void end() {
        programs.close();
    }

    private static void signal(String name, Programs.Running... to) throws Exception {
        for (Programs.Running each : to) {
            var kill = new ProcessBuilder("kill", "-" + name, Long.toString(each.process.pid())).start();
            assertThat(kill.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(kill.exitValue()).isZero();
        }
    }

    /** Asks the process with the many clients whether each of them goes on. */
    private static void goOn(Programs.Running clients, String when) throws IOException {
        var in = clients.process.getOutputStream();
        in.write((when + "\n").getBytes(StandardCharsets.US_ASCII));
        in.flush();
        String all = when + " true {}";
        Await.until("its clients answer", () -> clients.outSoFar().contains(when) || !clients.process.isAlive());
        assertThat(clients.outSoFar()).contains(all);
    }

    /**
     * Returns the transports of the server, and of the clients, that are stopped; a short run has each of the two once.
     */
    static List<Arguments> transports() {
        var all = List.of(Arguments.of("io_uring", "nio"), Arguments.of("nio", "io_uring"));
        return LONG ? all : all.subList(0, 1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void noConnectionIsDroppedForTheTimeOfTheStop(String serverTransport, String clientsTransport) throws Exception {
        EventLoop.Builder settings = EventLoop.builder().transport(Usable.transport(clientsTransport));
        try (EventLoop serverLoop = settings.start();
                Server stays = ShortTimes.server(serverLoop, PATIENT)) {
            var clients = programs.main(
                    JVM,
                    ShortTimes.class,
                    "clients",
                    clientsTransport,
                    stays.address().toString(),
                    Integer.toString(CONNECTIONS));
            var server = programs.main(JVM, ShortTimes.class, "server", serverTransport);
            Address address = Address.parse(Programs.addressOf(server));
            try (var ours = new ManyClients(settings.start(), List.of(address), CONNECTIONS, PATIENT)) {
                clients.firstLine();
                Await.until("all have begun", () -> ours.wentOn(new int[CONNECTIONS]));
                goOn(clients, "before");
                assertThat(ours.lost()).isEmpty();
                signal("STOP", server, clients);
                int[] atTheStop = ours.roundsOfAll();
                assertThat(Await.within(STOPPED, () -> !server.process.isAlive()))
                        .isFalse();
                signal("CONT", server, clients);
                goOn(clients, "after");
                Await.until("all have gone on", () -> ours.wentOn(atTheStop));
                // Longer than each of the timeouts, by when each would have struck.
                assertThat(Await.within(
                                TIMEOUT.plusSeconds(1), () -> !ours.lost().isEmpty()))
                        .as(() -> ours.lost() + server.errSoFar())
                        .isFalse();
                goOn(clients, "later");
                System.out.printf(
                        "promise R8: %s and %s: stopped for %d s with timeouts of %d ms: a server and clients with %d"
                                + " connections each drop %d%n",
                        serverTransport,
                        clientsTransport,
                        STOPPED.toSeconds(),
                        TIMEOUT.toMillis(),
                        CONNECTIONS,
                        ours.lost().size());
                assertThat(server.errSoFar() + clients.errSoFar())
                        .doesNotContain("closed")
                        .doesNotContain("Exception");
            }
        }
    }
}
