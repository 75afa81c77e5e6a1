package dev.parley.uring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the memory of one turn's sends. */
class SendArenaTest {
    private static final int CHUNK_BYTES = 512 * 1024;
    private static final int CHUNKS_MAX = 16;

    private final DirectMemory memory = new DirectMemory(Long.MAX_VALUE);
    private final Region region = memory.sharedRegion();
    private final SendArena arena = new SendArena(memory, region);

    @AfterEach
    void nothingIsLeft() {
        arena.close();
        region.close();
        assertThat(memory.heldBytes()).isZero();
        assertThat(memory.openRegions()).isZero();
    }

    private static byte byteAt(long address) {
        var one = ByteBuffer.allocateDirect(1);
        NativeMemory.copy(address, NativeMemory.addressOf(one), 1);
        return one.get(0);
    }

    private void put(int count) {
        assertThat(arena.room(count)).isEqualTo(count);
        arena.put(ByteBuffer.allocate(count), count);
    }

    @Test
    void bytesLieOneBehindTheOther() {
        long start = arena.end();
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5});
        assertThat(arena.room(3)).isEqualTo(3);
        arena.put(bytes, 3);
        assertThat(bytes.position()).isEqualTo(3);
        assertThat(arena.end()).isEqualTo(start + 3);
        arena.put(bytes, 2);
        for (int i = 0; i < 5; i++) {
            assertThat(byteAt(start + i)).isEqualTo((byte) (i + 1));
        }
    }

    /** So two messages do not share a word. */
    @Test
    void anAlignedAddressIsAMultipleOfEight() throws IOException {
        put(3);
        arena.align();
        assertThat(arena.end() % 8).isZero();
        long aligned = arena.end();
        arena.align();
        assertThat(arena.end()).isEqualTo(aligned);
        assertThat(arena.take(5) % 8).isZero();
        assertThat(arena.take(5)).isEqualTo(aligned + 8);
    }

    @Test
    void bytesThatDoNotFitGoInPartWhileMuchIsLeft() {
        put(CHUNK_BYTES - 200_000);
        assertThat(arena.room(300_000)).as("more than a quarter is left").isEqualTo(200_000);
        assertThat(arena.roomHere()).isEqualTo(200_000);
    }

    @Test
    void theNextPieceBeginsWhereLittleIsLeft() {
        put(CHUNK_BYTES - 100);
        long before = memory.heldBytes();
        assertThat(arena.room(101)).isEqualTo(101);
        assertThat(memory.heldBytes()).isEqualTo(before + CHUNK_BYTES);
        assertThat(arena.roomHere()).isEqualTo(CHUNK_BYTES);
    }

    @Test
    void aTurnFillsSixteenPiecesAtMostAndKeepsTwo() {
        for (int i = 0; i < CHUNKS_MAX; i++) {
            put(CHUNK_BYTES);
        }
        assertThat(arena.room(1)).isZero();
        assertThat(memory.heldBytes()).isEqualTo((long) CHUNKS_MAX * CHUNK_BYTES);
        arena.reset();
        assertThat(memory.heldBytes()).isEqualTo(2L * CHUNK_BYTES);
        put(CHUNK_BYTES);
        put(CHUNK_BYTES);
        assertThat(memory.heldBytes()).isEqualTo(2L * CHUNK_BYTES);
    }

    /** Each address of a connect needs a place, even in a turn that sends much; bytes to send do not follow it. */
    @Test
    void anAddressFitsBehindSixteenPiecesAndBytesDoNot() throws IOException {
        for (int i = 0; i < CHUNKS_MAX; i++) {
            put(CHUNK_BYTES);
        }
        long first = arena.take(100);
        assertThat(arena.take(100)).isEqualTo(first + 104);
        assertThat(arena.room(1)).isZero();
        assertThat(memory.heldBytes()).isEqualTo((CHUNKS_MAX + 1L) * CHUNK_BYTES);
        arena.reset();
        assertThat(memory.heldBytes()).isEqualTo(2L * CHUNK_BYTES);
    }

    @Test
    void withoutMemoryATurnSendsLess() {
        var little = new DirectMemory(CHUNK_BYTES + 1_000);
        Region own = little.sharedRegion();
        var small = new SendArena(little, own);
        small.put(ByteBuffer.allocate(CHUNK_BYTES - 10), CHUNK_BYTES - 10);
        assertThat(small.room(100)).isEqualTo(10);
        assertThatThrownBy(() -> small.take(100)).isInstanceOf(IOException.class);
        assertThat(little.openRegions())
                .as("the one that was refused is closed")
                .isEqualTo(1);
        small.close();
        own.close();
        assertThat(little.heldBytes()).isZero();
    }
}
