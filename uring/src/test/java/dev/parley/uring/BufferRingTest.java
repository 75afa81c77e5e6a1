package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests where the bytes of a completion are, and when a buffer is free again; the kernel itself fills none here. */
class BufferRingTest {
    private static final int COUNT = 4;
    private static final int BUFFER_BYTES = 1_024;

    /** IORING_CQE_F_BUFFER: the completion names a buffer; IORING_CQE_F_BUF_MORE: the buffer is not full yet. */
    private static final int HAS_BUFFER = 1;

    private static final int MORE_FOLLOWS = 1 << 4;

    private final DirectMemory memory = new DirectMemory(Long.MAX_VALUE);
    private Ring ring;
    private BufferRing buffers;

    @BeforeEach
    void open() throws Exception {
        Probe.Found found = Probe.look(Set.of());
        assumeTrue(found.isEnough(), () -> "io_uring cannot be used here: " + found.reason());
        ring = Ring.open(found.features(), 8, 16, memory);
        buffers = BufferRing.open(ring, /* incremental= */ false, 1, COUNT, BUFFER_BYTES, memory);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        if (ring != null) {
            buffers.close(ring);
            ring.close();
        }
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
    }

    private static int flags(int id, int further) {
        return id << 16 | HAS_BUFFER | further;
    }

    /** Returns the offset in its buffer at which the next bytes of this buffer would lie. */
    private int offsetOf(int id) {
        return buffers.filled(flags(id, 0), 1, 0).position();
    }

    @Test
    void flagsNameTheBuffer() {
        assertThat(BufferRing.hasBuffer(flags(3, 0))).isTrue();
        assertThat(BufferRing.hasBuffer(3 << 16)).isFalse();
        assertThat(BufferRing.isSameBuffer(flags(3, 0), flags(3, MORE_FOLLOWS))).isTrue();
        assertThat(BufferRing.isSameBuffer(flags(3, 0), flags(2, 0))).isFalse();
        assertThat(BufferRing.isSameBuffer(flags(3, 0), 3 << 16)).isFalse();
    }

    @Test
    void bytesAreSeenAndCannotBeChanged() {
        ByteBuffer bytes = buffers.filled(flags(2, 0), 100, 0);
        assertThat(bytes.isReadOnly()).isTrue();
        assertThat(bytes.isDirect()).isTrue();
        assertThat(bytes.remaining()).isEqualTo(100);
        assertThat(buffers.filled(flags(2, 0), 10, 100).position())
                .as("behind those not done yet")
                .isEqualTo(100);
    }

    @Test
    void buffersDoNotOverlap() {
        for (int id = 1; id < COUNT; id++) {
            long before = NativeMemory.addressOf(buffers.filled(flags(id - 1, 0), BUFFER_BYTES, 0));
            long here = NativeMemory.addressOf(buffers.filled(flags(id, 0), BUFFER_BYTES, 0));
            assertThat(here - before).isGreaterThanOrEqualTo(BUFFER_BYTES);
        }
    }

    @Test
    void severalMessagesFollowEachOtherInOneBuffer() {
        buffers.done(flags(1, MORE_FOLLOWS), 100);
        assertThat(offsetOf(1)).isEqualTo(100);
        buffers.done(flags(1, MORE_FOLLOWS), 50);
        assertThat(offsetOf(1)).isEqualTo(150);
        assertThat(offsetOf(0)).isZero();
        buffers.done(flags(1, 0), 10);
        assertThat(offsetOf(1)).as("given back, it is filled from its start").isZero();
    }

    /** The kernel may read it until that turn's failures have been reported. */
    @Test
    void aBufferThatIsLentToASendIsGivenBackAfterIt() {
        buffers.done(flags(1, MORE_FOLLOWS), 100);
        assertThat(buffers.lend(NativeMemory.addressOf(buffers.filled(flags(1, 0), 10, 0))))
                .isTrue();
        buffers.done(flags(1, 0), 10);
        assertThat(offsetOf(1)).as("lent").isEqualTo(100);
        buffers.handedOver();
        assertThat(offsetOf(1)).as("handed over").isEqualTo(100);
        buffers.sent();
        assertThat(offsetOf(1)).as("sent").isZero();
    }

    @Test
    void aBufferThatIsLentAgainWaitsForTheLaterSend() {
        buffers.done(flags(1, MORE_FOLLOWS), 100);
        long address = NativeMemory.addressOf(buffers.filled(flags(1, 0), 10, 0));
        assertThat(buffers.lend(address)).isTrue();
        buffers.handedOver();
        assertThat(buffers.lend(address)).isTrue();
        buffers.done(flags(1, 0), 10);
        buffers.sent();
        assertThat(offsetOf(1)).as("the later send reads it").isEqualTo(100);
        buffers.handedOver();
        buffers.sent();
        assertThat(offsetOf(1)).isZero();
    }

    @Test
    void otherMemoryIsNotLent() {
        long first = NativeMemory.addressOf(buffers.filled(flags(0, 0), 1, 0));
        assertThat(buffers.lend(first)).isTrue();
        assertThat(buffers.lend(first - 1)).isFalse();
        assertThat(buffers.lend(first + COUNT * 2L * BUFFER_BYTES)).isFalse();
    }
}
