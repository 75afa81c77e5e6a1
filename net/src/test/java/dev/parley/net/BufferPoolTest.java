package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    private final AtomicInteger allocated = new AtomicInteger();
    private final BufferPool pool = new BufferPool(() -> {
        allocated.incrementAndGet();
        return ByteBuffer.allocate(8);
    });

    @Test
    void buffersAreDirectAndOfOneSize() {
        ByteBuffer buffer = new BufferPool().borrow();
        assertThat(buffer.isDirect()).isTrue();
        assertThat(buffer.remaining()).isEqualTo(BufferPool.BUFFER_BYTES);
    }

    /** It is the one that is most likely still in the processor's cache. */
    @Test
    void theBufferThatCameBackLastIsLentFirst() {
        ByteBuffer one = pool.borrow();
        ByteBuffer two = pool.borrow();
        pool.giveBack(two.position(5).limit(6));
        pool.giveBack(one);
        assertThat(pool.borrow()).isSameAs(one);
        ByteBuffer again = pool.borrow();
        assertThat(again).isSameAs(two);
        assertThat(again.position()).isZero();
        assertThat(again.limit()).isEqualTo(8);
        assertThat(allocated).hasValue(2);
    }

    @Test
    void whatIsLentIsCounted() {
        assertThat(pool.lent()).isZero();
        ByteBuffer one = pool.borrow();
        pool.borrow();
        assertThat(pool.lent()).isEqualTo(2);
        pool.giveBack(one);
        assertThat(pool.lent()).isEqualTo(1);
    }

    @Test
    void notMoreThan1024AreKept() {
        List<ByteBuffer> lent = new ArrayList<>();
        for (int i = 0; i < 1_500; i++) {
            lent.add(pool.borrow());
        }
        lent.forEach(pool::giveBack);
        assertThat(pool.lent()).isZero();
        for (int i = 0; i < 1_024; i++) {
            pool.borrow();
        }
        assertThat(allocated).hasValue(1_500);
        pool.borrow();
        assertThat(allocated).hasValue(1_501);
    }

    @Test
    void whatCannotBeAllocatedIsNotCounted() {
        var empty = new BufferPool(() -> {
            throw new OutOfMemoryError("on purpose");
        });
        assertThatThrownBy(empty::borrow).isInstanceOf(OutOfMemoryError.class);
        assertThat(empty.lent()).isZero();
    }
}
