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
}
