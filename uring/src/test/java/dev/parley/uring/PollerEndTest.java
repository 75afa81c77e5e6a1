package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.net.time.Ticker;
import dev.parley.net.transport.SocketOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that a poller ends in time, and leaves nothing behind. */
@Timeout(300)
class PollerEndTest {
    private static final int IDLE = 400;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final DirectMemory memory = new DirectMemory(Long.MAX_VALUE);
    private final SocketOptions small = SocketOptions.DEFAULT.withBuffers(0, PollerBed.SMALL_BYTES);

    private void nothingIsLeft() {
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
    }

    /** Reads a peer's connection up to its end, and returns the number of bytes. */
    private static int readAll(SocketChannel peer) throws IOException {
        var input = ByteBuffer.allocate(64 * 1024);
        int bytes = 0;
        for (int count = 0; count >= 0; count = peer.read(input.clear())) {
            bytes += count;
        }
        return bytes;
    }

    /** Each turn of the end brings the completions of a few idle connections. Time stands still. */
    @Test
    void aPeerThatReadsGetsAllHoweverManyOthersThereAre() throws Exception {
        try (var bed = new PollerBed(PollerBed.features(), memory, () -> 0, small)) {
            PollerBed.Side slow = bed.accept(true);
            for (int i = 0; i < IDLE; i++) {
                bed.accept(false).channel.wantRead(true);
            }
            bed.poller.poll(0);
            int sent = bed.fill(slow);
            var received = new CompletableFuture<Integer>();
            Thread.ofPlatform().start(() -> {
                try {
                    for (SocketChannel idle : bed.peers.subList(1, bed.peers.size())) {
                        readAll(idle);
                    }
                    received.complete(readAll(bed.peerOf(slow)));
                } catch (IOException e) {
                    received.completeExceptionally(e);
                }
            });
            bed.closePoller();
            assertThat(received.join()).isEqualTo(sent);
            nothingIsLeft();
        }
    }

    /** The second is over when the clock is read for the second time. */
    @Test
    void aPeerThatDoesNotReadInTimeIsReset() throws Exception {
        var nanos = new AtomicLong(Long.MAX_VALUE - SECOND_NANOS);
        Ticker fast = () -> nanos.getAndAdd(SECOND_NANOS);
        // The time of the cancels is over as soon, and one turn brings only a few of their completions.
        try (var bed = new PollerBed(PollerBed.features(), memory, fast, small)) {
            PollerBed.Side slow = bed.accept(true);
            for (int i = 0; i < IDLE; i++) {
                bed.accept(false).channel.wantRead(true);
            }
            bed.poller.poll(0);
            bed.fill(slow);
            bed.closePoller();
            nothingIsLeft();
            assertThatThrownBy(() -> readAll(bed.peerOf(slow)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
    }

    /** The ring's descriptor is replaced by one of another kind, so that the kernel refuses every turn. */
    @Test
    void aRingThatBreaksLeavesNothingBehind() throws Exception {
        var features = EnumSet.copyOf(PollerBed.features());
        features.remove(Feature.REGISTERED_RING);
        Set<Descriptor> before = descriptors();
        try (var bed = new PollerBed(features, memory, Ticker.SYSTEM, small)) {
            PollerBed.Side slow = bed.accept(true);
            PollerBed.Side idle = bed.accept(false);
            idle.channel.wantRead(true);
            bed.poller.poll(0);
            bed.fill(slow);
            bed.connectPeer(false); // it is accepted by the kernel, and its completion is not handled
            breakRing(before);
            assertThatThrownBy(() -> bed.poller.poll(0)).isInstanceOf(IOException.class);
            assertThatThrownBy(bed::closePoller).isInstanceOf(IOException.class);
            nothingIsLeft();
            assertThat(readAll(bed.peerOf(idle))).isZero();
            assertThatThrownBy(() -> readAll(bed.peerOf(slow))).isInstanceOf(IOException.class);
        }
        assertThat(descriptors()).isSubsetOf(before);
    }

    private static void breakRing(Set<Descriptor> before) throws IOException {
        Set<Descriptor> now = descriptors();
        now.removeAll(before);
        int ring = numberOf(now, "io_uring");
        int wakeup = numberOf(now, "eventfd");
        try (Arena arena = Arena.ofConfined()) {
            int dup3 = Platform.isArm() ? 24 : 292;
            assertThat(Kernel.call(Kernel.newErrno(arena), dup3, wakeup, ring, 0))
                    .isEqualTo(ring);
        }
    }

    private static int numberOf(Set<Descriptor> descriptors, String kind) {
        return descriptors.stream()
                .filter(each -> each.kind().contains(kind))
                .mapToInt(Descriptor::number)
                .findFirst()
                .orElseThrow();
    }

    /** A descriptor of this process, such as {@code anon_inode:[eventfd]}. */
    private record Descriptor(int number, String kind) {
        static Descriptor at(Path path) {
            int number = Integer.parseInt(path.getFileName().toString());
            try {
                return new Descriptor(number, Files.readSymbolicLink(path).toString());
            } catch (IOException closedMeanwhile) {
                return new Descriptor(number, "");
            }
        }

        boolean isOfAPoller() {
            return kind.contains("socket") || kind.contains("eventfd") || kind.contains("io_uring");
        }
    }

    private static Set<Descriptor> descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.map(Descriptor::at).filter(Descriptor::isOfAPoller).collect(Collectors.toSet());
        }
    }
}
