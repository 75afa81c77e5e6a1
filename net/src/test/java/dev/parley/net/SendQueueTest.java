package dev.parley.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SendQueueTest {
    /** Whoever counts bytes that are not there waits for them to leave for ever. */
    @Test
    void withoutMemoryWhatWasCopiedCountsAndNothingElse() {
        var left = new AtomicInteger(2);
        var pool = new BufferPool(() -> {
            if (left.getAndDecrement() == 0) {
                throw new OutOfMemoryError("there are two buffers in this test");
            }
            return ByteBuffer.allocate(BufferPool.BUFFER_BYTES);
        });
        var queue = new SendQueue(pool);
        assertThatThrownBy(() -> queue.add(ByteBuffer.allocate(100_000))).isInstanceOf(OutOfMemoryError.class);
        assertThat(queue.queuedBytes()).isEqualTo(2 * BufferPool.BUFFER_BYTES);
        assertThat(queue.heldBytes()).isEqualTo(2 * BufferPool.BUFFER_BYTES);
        queue.release();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(pool.lent()).isZero();
    }

    /** What others must not change is memory that the connection holds, and none of the pool's. */
    @Test
    void whatIsLentIsCountedAndNotCopied() {
        var pool = new BufferPool(() -> ByteBuffer.allocate(BufferPool.BUFFER_BYTES));
        var queue = new SendQueue(pool);
        queue.addLent(ByteBuffer.wrap(new byte[100_000], 10, 90_000));
        queue.addLent(ByteBuffer.allocate(0));
        assertThat(queue.queuedBytes()).isEqualTo(90_000);
        assertThat(queue.heldBytes()).as("the whole array").isEqualTo(100_000);
        assertThat(pool.lent()).isZero();
        queue.add(ByteBuffer.allocate(1));
        assertThat(queue.heldBytes()).isEqualTo(100_000 + BufferPool.BUFFER_BYTES);
        queue.release();
        assertThat(queue.heldBytes()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }
}
