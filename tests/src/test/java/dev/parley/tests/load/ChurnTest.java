package dev.parley.tests.load;

import static dev.parley.tests.bed.MessagePeer.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.parley.Message;
import dev.parley.Server;
import dev.parley.net.Address;
import dev.parley.net.CloseReason;
import dev.parley.net.ConnectionInfo;
import dev.parley.net.EventLoop;
import dev.parley.net.LoopObserver;
import dev.parley.testkit.Await;
import dev.parley.testkit.Census;
import dev.parley.testkit.RawPeer;
import dev.parley.tests.bed.MessagePeer;
import dev.parley.tests.bed.Usable;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests that nothing remains of connections that come and go, early and late, or are reset at any point of a request.
 * {@code -Dparley.churn=100000} makes as many, and a fifth over Unix sockets, and a tenth of resets.
 */
@Timeout(900)
class ChurnTest {
    private static final int CHURN = Integer.getInteger("parley.churn", 1_000);
    private static final long SEED = Long.getLong("parley.churn.seed", 34);

    /**
     * The number of connections for which 28,232 ports of each pair of addresses are enough, since the port of a closed
     * one is not free for a minute.
     */
    private static final int CONNECTIONS_EACH_ADDRESS = 10_000;

    private static final long HEAP_BYTES_MAX = 5L * 1024 * 1024;
    private static final Duration IDLE = Duration.ofMillis(CHURN > 1_000 ? 1_000 : 300);

    private final Census census = new Census();
    private final Telling telling = new Telling();
    private final Random random = new Random(SEED);
    private final byte[] whole = MessagePeer.bytes(request(1, "echo", Message.binary("x", new byte[200])));

    private interface Visit {
        void to(Address address) throws IOException;
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "nio, unix", "io_uring, tcp", "io_uring, unix"})
    void connectionsThatComeAndGo(String transport, String scheme, @TempDir Path directory) throws Exception {
        int count = scheme.equals("unix") ? CHURN / 5 : CHURN;
        storm("C3", transport, addresses(scheme, directory, count), count, this::comeAndGo);
    }

    @ParameterizedTest
    @CsvSource({"nio, tcp", "io_uring, tcp"})
    void connectionsThatAreReset(String transport, String scheme, @TempDir Path directory) throws Exception {
        int count = Math.max(CHURN / 10, 500);
        storm("C4", transport, addresses(scheme, directory, count), count, this::reset);
    }

    private static List<Address> addresses(String scheme, Path directory, int count) {
        if (scheme.equals("unix")) {
            return List.of(new Address.Unix(directory.resolve("s")));
        }
        var addresses = new ArrayList<Address>();
        for (int host = 1; host <= Math.ceilDiv(count, CONNECTIONS_EACH_ADDRESS); host++) {
            addresses.add(Address.parse("tcp://127.0.0." + host + ":0"));
        }
        return addresses;
    }

    /** Asks, or does not; reads the answer, or does not; ends its direction first, or does not. */
    private void comeAndGo(Address address) throws IOException {
        try (RawPeer peer = RawPeer.connect(address)) {
            switch (random.nextInt(5)) {
                case 0 -> {}
                case 1 -> peer.send(part());
                case 2 -> peer.send(whole);
                case 3 -> peer.send(whole).shutdownOutput();
                default -> peer.send(whole).receive(2);
            }
        }
    }

    private void reset(Address address) throws IOException {
        try (RawPeer peer = RawPeer.connect(address)) {
            peer.send(part()).reset();
        }
    }

    private byte[] part() {
        return Arrays.copyOf(whole, random.nextInt(whole.length + 1));
    }

    private void storm(String promise, String transport, List<Address> addresses, int count, Visit visit)
            throws Exception {
        var servers = new ArrayList<Server>();
        try (EventLoop loop = EventLoop.builder()
                .transport(Usable.transport(transport))
                .observer(telling)
                .start()) {
            for (Address address : addresses) {
                servers.add(Server.builder()
                        .observer(telling)
                        .on("echo", message -> message)
                        .listen(loop, address));
            }
            visits(servers, Math.max(200, count / 10), visit); // what is made once is there by then
            Use before = Use.ofNow(loop);
            visits(servers, count, visit);
            Use after = Use.ofNow(loop);
            double idlePercent = idlePercent(loop);
            System.out.printf(
                    "promise %s: %s %s: %d connections: %+d descriptors, %+d threads, %+d bytes of direct memory, %+d KiB"
                            + " of heap, then %.2f %% of a core%n",
                    promise,
                    transport,
                    servers.getFirst().address().toString().replaceAll(":.*", ""),
                    count,
                    after.descriptors - before.descriptors,
                    after.threads - before.threads,
                    after.directBytes - before.directBytes,
                    (after.heapBytes - before.heapBytes) / 1024,
                    idlePercent);
            assertThat(after.descriptors).isLessThanOrEqualTo(before.descriptors);
            assertThat(after.threads).isLessThanOrEqualTo(before.threads);
            assertThat(after.directBytes).isLessThanOrEqualTo(before.directBytes);
            assertThat(after.heapBytes - before.heapBytes).isLessThan(HEAP_BYTES_MAX);
            assertThat(idlePercent).isLessThanOrEqualTo(1);
            assertThat(telling.said).isEmpty();
        } finally {
            servers.forEach(Server::close);
        }
        census.assertNothingLeft();
    }

    private void visits(List<Server> servers, int count, Visit visit) throws IOException {
        for (int i = 0; i < count; i++) {
            visit.to(servers.get(i % servers.size()).address());
        }
        for (Server server : servers) { // connections before the answered one are accepted by then
            try (RawPeer last = RawPeer.connect(server.address())) {
                last.send(whole).receive(2);
            }
        }
        Await.until("all are closed", () -> telling.open.get() == 0);
    }

    /** An observer that, unlike a {@link Census}, remembers nothing of a connection that is closed. */
    private static final class Telling implements LoopObserver {
        private final AtomicInteger open = new AtomicInteger();
        private final Queue<String> said = new ConcurrentLinkedQueue<>();

        @Override
        public void accepted(Address listening, ConnectionInfo connection) {
            open.incrementAndGet();
        }

        @Override
        public void closed(ConnectionInfo connection, CloseReason reason, @Nullable Throwable cause) {
            open.decrementAndGet();
        }

        @Override
        public void warned(String message) {
            said.add(message);
        }

        @Override
        public void failed(String where, Throwable cause) {
            said.add(where + ": " + cause);
        }
    }

    private static double idlePercent(EventLoop loop) throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        long thread = on(loop, () -> Thread.currentThread().threadId());
        long cpuBefore = threads.getThreadCpuTime(thread);
        long began = System.nanoTime();
        assertThat(Await.within(IDLE, () -> false)).isFalse();
        return 100.0 * (threads.getThreadCpuTime(thread) - cpuBefore) / (System.nanoTime() - began);
    }

    private static <T> T on(EventLoop loop, Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        loop.execute(() -> answer.complete(question.get()));
        return answer.join();
    }

    /** The resources that the process uses, once it is idle. */
    private record Use(long descriptors, long threads, long directBytes, long heapBytes) {
        static Use ofNow(EventLoop loop) throws Exception {
            on(loop, () -> true); // what the loop has put off is done
            Use last = look();
            for (int same = 0, looks = 0; same < 2 && looks < 20; looks++) {
                Use next = look();
                boolean rests = next.descriptors == last.descriptors && next.threads == last.threads;
                same = rests && Math.abs(next.heapBytes - last.heapBytes) < 100_000 ? same + 1 : 0;
                last = next;
            }
            return last;
        }

        private static Use look() {
            System.gc();
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
            var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Use(
                    system.getOpenFileDescriptorCount(),
                    ManagementFactory.getThreadMXBean().getThreadCount(),
                    direct,
                    heap.getUsed());
        }
    }
}
