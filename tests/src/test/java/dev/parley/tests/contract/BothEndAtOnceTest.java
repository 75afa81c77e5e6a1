package dev.parley.tests.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.net.CloseReason;
import dev.parley.net.Connection;
import dev.parley.net.EventLoop;
import dev.parley.net.Listener;
import dev.parley.net.mem.MemNetwork;
import dev.parley.tests.bed.TestBed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests connections whose two sides end at the same moment: each gets all bytes of the other, and no reset. */
@Timeout(300)
class BothEndAtOnceTest {
    private static final int ROUNDS = Integer.getInteger("parley.ends", 60);

    /** The last one does not fit into the system's buffers. */
    private static final int[] SIZES = {0, 1, 5_000, 70_000, 3_000_000};

    @RegisterExtension
    final TestBed bed = TestBed.inRealTime();

    private final long seed = Long.getLong("parley.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private interface Both {
        void end(Connection client, Connection server, String what) throws Exception;
    }

    private void sweep(Wire wire, Both both) throws Exception {
        var network = new MemNetwork();
        EventLoop serving = bed.newLoop(wire.settings(network));
        EventLoop clients = bed.newLoop(wire.settings(network));
        Listener listener = bed.keep(Listener.open(serving, wire.free()));
        for (int i = 0; i < ROUNDS; i++) {
            try (Connection client = Connection.connect(clients, listener.address());
                    Connection server = listener.accept()) {
                both.end(client, server, "seed " + seed + ", round " + i + " over " + wire);
            }
        }
    }

    private byte[] anyBytes() {
        var bytes = new byte[SIZES[random.nextInt(SIZES.length)]];
        random.nextBytes(bytes);
        return bytes;
    }

    private static CompletableFuture<byte[]> writeEndAndRead(Connection one, byte[] sent, CyclicBarrier start) {
        CompletableFuture<Integer> written = inThread(() -> {
            start.await(60, TimeUnit.SECONDS);
            one.out().write(sent);
            one.shutdownOutput();
            return sent.length;
        });
        return inThread(() -> one.in().readAllBytes()).thenCombine(written, (read, count) -> read);
    }

    private interface Work<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> inThread(Work<T> work) {
        var done = new CompletableFuture<T>();
        Thread.ofVirtual().start(() -> {
            try {
                done.complete(work.run());
            } catch (Throwable failure) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    @ParameterizedTest
    @EnumSource
    void eachSideReadsAllThatTheOtherHasSent(Wire wire) throws Exception {
        sweep(wire, (client, server, what) -> {
            byte[] up = anyBytes();
            byte[] down = anyBytes();
            var start = new CyclicBarrier(2);
            CompletableFuture<byte[]> atClient = writeEndAndRead(client, up, start);
            CompletableFuture<byte[]> atServer = writeEndAndRead(server, down, start);
            assertThat(atClient.get(60, TimeUnit.SECONDS)).as(what).isEqualTo(down);
            assertThat(atServer.get(60, TimeUnit.SECONDS)).as(what).isEqualTo(up);
            assertEnded(client, server, what);
        });
    }

    /** Each side has ended first as it sees it, or one of them has. */
    private void assertEnded(Connection client, Connection server, String what) {
        var reasons = new ArrayList<CloseReason>();
        for (Connection each : List.of(client, server)) {
            reasons.add(bed.census().awaitClosed(each.info()));
        }
        assertThat(reasons)
                .as(what)
                .isSubsetOf(CloseReason.LOCAL, CloseReason.PEER)
                .contains(CloseReason.LOCAL);
    }

    @ParameterizedTest
    @EnumSource
    void closesAtOnceAreNoResets(Wire wire) throws Exception {
        sweep(wire, (client, server, what) -> {
            var start = new CyclicBarrier(2);
            List<CompletableFuture<Integer>> closing = List.of(client, server).stream()
                    .map(each -> inThread(() -> {
                        int order = start.await(60, TimeUnit.SECONDS);
                        each.close();
                        return order;
                    }))
                    .toList();
            for (CompletableFuture<Integer> each : closing) {
                each.get(60, TimeUnit.SECONDS);
            }
            assertEnded(client, server, what);
        });
    }
}
