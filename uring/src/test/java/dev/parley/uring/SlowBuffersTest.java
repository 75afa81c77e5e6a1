package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the memory of sends that a peer does not take at once. */
class SlowBuffersTest {
    private static final int KIB = 1024;

    private final DirectMemory memory = new DirectMemory(Long.MAX_VALUE);
    private final SlowBuffers buffers = new SlowBuffers(memory);

    @Test
    void thereAreFourLengths() {
        int[][] countsAndLengths = {
            {1, 16 * KIB},
            {16 * KIB, 16 * KIB},
            {16 * KIB + 1, 32 * KIB},
            {33 * KIB, 64 * KIB},
            {64 * KIB + 1, 128 * KIB},
            {SlowBuffers.BYTES, 128 * KIB}
        };
        for (int[] each : countsAndLengths) {
            SlowBuffer buffer = buffers.borrow(each[0]);
            assertThat(buffer.capacity()).as("for %d bytes", each[0]).isEqualTo(each[1]);
            buffer.free();
        }
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void whatIsHeldIsACopy() {
        ByteBuffer from = ByteBuffer.allocateDirect(100);
        for (int i = 0; i < 100; i++) {
            from.put(i, (byte) i);
        }
        SlowBuffer held = buffers.holding(NativeMemory.addressOf(from) + 10, 50);
        from.put(10, (byte) -1);
        assertThat(held.bytes().position()).isZero();
        assertThat(held.bytes().limit()).isEqualTo(50);
        assertThat(held.bytes().get(0)).isEqualTo((byte) 10);
        assertThat(held.bytes().get(49)).isEqualTo((byte) 59);
        held.free();
    }

    @Test
    void aBufferThatCameBackIsUsedAgainForItsLength() {
        SlowBuffer one = buffers.borrow(20 * KIB);
        buffers.giveBack(one);
        SlowBuffer shorter = buffers.borrow(10 * KIB);
        assertThat(shorter).isNotSameAs(one);
        assertThat(buffers.borrow(32 * KIB)).isSameAs(one);
        buffers.giveBack(one);
        buffers.giveBack(shorter);
        buffers.close();
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
    }

    @Test
    void fourMebibytesAreKeptAtMost() {
        List<SlowBuffer> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(buffers.borrow(SlowBuffers.BYTES));
        }
        all.forEach(buffers::giveBack);
        assertThat(memory.heldBytes()).isEqualTo(4 * KIB * KIB);
        buffers.close();
        assertThat(memory.heldBytes()).isZero();
    }

    @Test
    void whatCannotBeAllocatedLeavesNothing() {
        var little = new DirectMemory(16 * KIB);
        var few = new SlowBuffers(little);
        assertThatThrownBy(() -> few.borrow(17 * KIB)).isInstanceOf(OutOfMemoryError.class);
        assertThat(little.openRegions()).isZero();
        few.borrow(16 * KIB).free();
    }

    @Test
    void lastBytesAreCountedApart() {
        buffers.addLast(100);
        buffers.addLast(50);
        buffers.addLast(-100);
        assertThat(buffers.lastBytes()).isEqualTo(50);
    }
}
