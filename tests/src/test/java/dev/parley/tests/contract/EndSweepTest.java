package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.ConnectionClosedException;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.mem.MemNetwork;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests each way to end, from either side, after any number of bytes, while the other side reads, writes, both or
 * neither, with both faces: the end is reported as it was, and bytes that were cut off never pass for all.
 */
@Timeout(300)
class EndSweepTest {
    private static final int ROUNDS = Integer.getInteger("parley.ends", 120);

    /** One size fits into the system's buffers, the other does not. */
    private static final int[] SIZES = {0, 1, 100, 5_000, 70_000, 400_000};

    private enum End {
        CLOSE,
        SHUTDOWN_OUTPUT,
        RESET,
        /** The end of a program that breaks off: half of what it announced, and then the reset. */
        RESET_AFTER_SHUTDOWN
    }

    /** The actions of the other side meanwhile. */
    private enum Meanwhile {
        READS,
        READS_AND_WRITES,
        READS_LATER
    }

    private record Round(End end, Meanwhile meanwhile, boolean endsAsServer, int bytes) {
        static Round any(Random random) {
            return new Round(
                    choose(random, End.values()),
                    choose(random, Meanwhile.values()),
                    random.nextBoolean(),
                    SIZES[random.nextInt(SIZES.length)] + random.nextInt(3));
        }
    }

    /** The observations of the other side: the bytes that came, and the report of their end. */
    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Seen(byte[] bytes, @Nullable CloseReason broken) {}

    private static <T> T choose(Random random, T[] all) {
        return all[random.nextInt(all.length)];
    }

    private final long seed = Long.getLong("parley.seed", System.nanoTime());
    private final MemNetwork network = new MemNetwork();
    private final Census census = new Census();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        census.assertNothingLeft();
    }

    private EventLoop newLoop(Wire wire) {
        EventLoop loop = census.watch(wire.settings(network).observer(census).start());
        open.add(loop);
        return loop;
    }

    private interface Pair {
        Seen round(Round round, byte[] sent) throws Exception;
    }

    private void sweep(Wire wire, Pair pair) throws Exception {
        var random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Round round = Round.any(random);
            var sent = new byte[round.bytes()];
            random.nextBytes(sent);
            Seen seen = pair.round(round, sent);
            String what = "seed " + seed + ", round " + i + ": " + round + " over " + wire;
            assertRight(wire, round, sent, seen, what);
        }
    }

    private static void assertRight(Wire wire, Round round, byte[] sent, Seen seen, String what) {
        assertThat(Arrays.equals(seen.bytes(), Arrays.copyOf(sent, seen.bytes().length)))
                .as("%s: the bytes are those that were sent", what)
                .isTrue();
        boolean isWhole = seen.bytes().length == sent.length;
        switch (round.end()) {
            case CLOSE -> {
                // What the ender has not read makes the system break off what it still sends.
                if (seen.broken() == null || round.meanwhile() != Meanwhile.READS_AND_WRITES) {
                    assertThat(seen.broken()).as(what).isNull();
                    assertThat(isWhole).as(what).isTrue();
                } else {
                    assertThat(seen.broken()).as(what).isEqualTo(CloseReason.RESET);
                }
            }
            case SHUTDOWN_OUTPUT -> {
                assertThat(seen.broken()).as(what).isNull();
                assertThat(isWhole).as(what).isTrue();
            }
            case RESET -> {
                if (wire.hasResets()) {
                    assertThat(seen.broken()).as(what).isEqualTo(CloseReason.RESET);
                }
            }
            case RESET_AFTER_SHUTDOWN -> {
                if (seen.broken() == null && wire.hasResets()) {
                    assertThat(isWhole).as(what).isTrue(); // it had said all before it broke off
                } else if (seen.broken() != null) {
                    assertThat(seen.broken()).as(what).isEqualTo(CloseReason.RESET);
                }
            }
        }
    }

    // The blocking face.

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_MEM")
    void streamsAreToldTheEndAsItWas(Wire wire) throws Exception {
        Listener listener = Listener.open(newLoop(wire), wire.free());
        open.add(listener);
        EventLoop clients = newLoop(wire);
        sweep(wire, (round, sent) -> {
            try (Connection client = Connection.connect(clients, listener.address());
                    Connection server = listener.accept()) {
                Connection ender = round.endsAsServer() ? server : client;
                Connection other = round.endsAsServer() ? client : server;
                Thread ending = Thread.ofVirtual().start(() -> end(ender, round, sent));
                Seen seen = watch(other, round);
                ending.join();
                return seen;
            }
        });
    }

    private static void end(Connection ender, Round round, byte[] sent) {
        try {
            ender.out().write(sent);
            switch (round.end()) {
                case CLOSE -> ender.close();
                case SHUTDOWN_OUTPUT -> ender.shutdownOutput();
                case RESET -> ender.reset();
                case RESET_AFTER_SHUTDOWN -> {
                    ender.shutdownOutput();
                    ender.reset();
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Seen watch(Connection other, Round round) throws Exception {
        Thread writing = round.meanwhile() == Meanwhile.READS_AND_WRITES
                ? Thread.ofVirtual().start(() -> writeUntilItEnds(other))
                : null;
        if (round.meanwhile() == Meanwhile.READS_LATER) {
            Await.within(Duration.ofMillis(2), () -> other.info().closeReason() != null);
        }
        var bytes = new ByteArrayOutputStream();
        CloseReason broken = null;
        try {
            other.in().transferTo(bytes);
        } catch (ConnectionClosedException e) {
            broken = e.reason();
        }
        other.reset();
        if (writing != null) {
            writing.join();
        }
        return new Seen(bytes.toByteArray(), broken);
    }

    private static void writeUntilItEnds(Connection connection) {
        for (boolean isOpen = true; isOpen; ) {
            try {
                connection.out().write(new byte[300]);
            } catch (IOException over) {
                isOpen = false;
            }
        }
    }

    // The face of receivers.

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_MEM")
    void receiversAreToldTheEndAsItWas(Wire wire) throws Exception {
        EventLoop serving = newLoop(wire);
        EventLoop clients = newLoop(wire);
        sweep(wire, (round, sent) -> {
            var server = new LoopPeer();
            var client = new LoopPeer();
            try (var listener = serving.listen(wire.free(), server)) {
                clients.connect(listener.address(), client);
                client.awaitOpened();
                server.awaitOpened();
                LoopPeer ender = round.endsAsServer() ? server : client;
                LoopPeer other = round.endsAsServer() ? client : server;
                Seen seen = watch(ender, other, round, sent);
                client.reset();
                server.reset();
                return seen;
            }
        });
    }

    private static Seen watch(LoopPeer ender, LoopPeer other, Round round, byte[] sent) throws Exception {
        if (round.meanwhile() == Meanwhile.READS_LATER) {
            other.pause();
        }
        ender.onLoop(() -> {
            ender.connection().send(sent);
            switch (round.end()) {
                case CLOSE -> ender.connection().close();
                case SHUTDOWN_OUTPUT -> ender.connection().shutdownOutput();
                case RESET -> ender.connection().reset();
                case RESET_AFTER_SHUTDOWN -> {
                    ender.connection().shutdownOutput();
                    ender.connection().reset();
                }
            }
            return true;
        });
        boolean writes = round.meanwhile() == Meanwhile.READS_AND_WRITES;
        other.onLoop(() -> {
            for (int i = 0; writes && i < 50; i++) {
                other.connection().send(new byte[300]);
            }
            other.connection().resumeReading();
            return true;
        });
        Await.until(
                "the end is told", () -> other.ends.get() > 0 || other.info().closeReason() != null);
        CloseReason broken = other.ends.get() > 0 ? null : other.info().closeReason();
        return new Seen(other.receiveAll(), broken);
    }
}
